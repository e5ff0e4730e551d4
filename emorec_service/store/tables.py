# SPDX-License-Identifier: Apache-2.0
"""The tables of the store, for any database that SQLAlchemy speaks to."""

from __future__ import annotations

from datetime import datetime

from emorec_vision.emotions import EMOTIONS
from emorec_vision.emotions import LONGEST_LABEL
from sqlalchemy import BigInteger
from sqlalchemy import DateTime
from sqlalchemy import Double
from sqlalchemy import ForeignKey
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

KEY = BigInteger().with_variant(Integer, 'sqlite')
"""SQLite numbers rows by itself only in a column of type INTEGER."""
LONGEST_NAME = 255


class Base(DeclarativeBase):
    """The tables of the service."""


class PictureRow(Base):
    """A picture that was answered.

    Attributes:
        id: counts up and is never used again.
        received: UTC, without a time zone because SQLite keeps none.
        threshold: 0..1; the history finds a picture by emotions that are at least as probable.
        width, height: px, as its EXIF orientation turns it.
        kept_as: path of the picture's file; None: not kept.
    """

    __tablename__ = 'emorec_pictures'
    __table_args__ = {'sqlite_autoincrement': True}

    id: Mapped[int] = mapped_column(KEY, primary_key=True)  # noqa: A003
    received: Mapped[datetime] = mapped_column(DateTime, index=True)
    file_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    threshold: Mapped[float] = mapped_column(Double)
    width: Mapped[int]
    height: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(40))
    kept_as: Mapped[str | None] = mapped_column(Text)
    faces: Mapped[list[FaceRow]] = relationship(
        order_by='FaceRow.face_id', lazy='selectin', cascade='all, delete-orphan',
        passive_deletes=True)


class FaceRow(Base):
    """A face of a picture: its number from 1, its box in px and its probabilities.

    The columns hold those of the seven emotions. Where a model told other ones, or not all of
    these, `labels` has every probability, and the columns what there is of the seven, or 0.
    """

    __tablename__ = 'emorec_faces'

    picture_id: Mapped[int] = mapped_column(
        KEY, ForeignKey('emorec_pictures.id', ondelete='CASCADE'), primary_key=True)
    face_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    x: Mapped[int]
    y: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    angry: Mapped[float] = mapped_column(Double)
    disgust: Mapped[float] = mapped_column(Double)
    fear: Mapped[float] = mapped_column(Double)
    happy: Mapped[float] = mapped_column(Double)
    sad: Mapped[float] = mapped_column(Double)
    surprise: Mapped[float] = mapped_column(Double)
    neutral: Mapped[float] = mapped_column(Double)

    labels: Mapped[list[LabelRow]] = relationship(
        order_by='LabelRow.position', lazy='selectin', cascade='all, delete-orphan',
        passive_deletes=True)

    named: Mapped[NameRow | None] = relationship(
        lazy='selectin', cascade='all, delete-orphan', passive_deletes=True)

    @property
    def person(self) -> str:
        """Return who it is, '' for somebody unknown."""
        return self.named.person if self.named else ''

    @property
    def bbox(self) -> list[int]:
        """Return left, top, right and bottom in px; right and bottom lie just outside."""
        return [self.x, self.y, self.x + self.width, self.y + self.height]

    @property
    def probabilities(self) -> dict[str, float]:
        """Return the probability of each emotion by name, in the order of the model."""
        if self.labels:
            return {each.label: each.probability for each in self.labels}
        return {name: getattr(self, name.lower()) for name in EMOTIONS}


class NameRow(Base):
    """Who a face is, where a service with a folder of people knew it."""

    __tablename__ = 'emorec_names'
    __table_args__ = (ForeignKeyConstraint(
        ['picture_id', 'face_id'], ['emorec_faces.picture_id', 'emorec_faces.face_id'],
        ondelete='CASCADE'),)

    picture_id: Mapped[int] = mapped_column(KEY, primary_key=True)
    face_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person: Mapped[str] = mapped_column(String(LONGEST_NAME))


class LabelRow(Base):
    """One probability of a face, told by a model of other emotions than the seven."""

    __tablename__ = 'emorec_labels'
    __table_args__ = (ForeignKeyConstraint(
        ['picture_id', 'face_id'], ['emorec_faces.picture_id', 'emorec_faces.face_id'],
        ondelete='CASCADE'),)

    picture_id: Mapped[int] = mapped_column(KEY, primary_key=True)
    face_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(LONGEST_LABEL), index=True)
    probability: Mapped[float] = mapped_column(Double)
