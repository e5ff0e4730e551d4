# SPDX-License-Identifier: Apache-2.0
"""What the service remembers: the results of each picture, and pictures only when asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from datetime import timezone
from pathlib import Path
from threading import Lock
from typing import Any

from emorec_service.pictures.kept import KeptPictures
from emorec_service.pictures.kept import remove_kept
from emorec_service.pictures.seen import SeenFace
from emorec_service.pictures.seen import SeenPicture
from emorec_service.store.database import open_database
from emorec_service.store.tables import FaceRow
from emorec_service.store.tables import LabelRow
from emorec_service.store.tables import NameRow
from emorec_service.store.tables import PictureRow
from emorec_vision.emotions import EMOTIONS
from sqlalchemy import and_
from sqlalchemy import ColumnElement
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import Select
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.orm import sessionmaker

DIGITS = 6
"""Probabilities are rounded to as many, as `emorec predict --json` does, and then compared."""
PAGE = 200
"""Rows that an export holds in memory at once."""


@dataclass(frozen=True)
class Filter:
    """Which results are meant.

    Attributes:
        emotion: a face shows it with at least the probability that its picture asked for.
        since, until: received then or later, and before then; UTC without a time zone.
    """

    emotion: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Store:
    """Keep results in a database; safe to use from several threads and processes.

    Args:
        url: SQLAlchemy URL.
        pictures: folder for pictures; None keeps none.

    Raises:
        InputError: if the database or the folder cannot be used.
    """

    def __init__(self, url: str, pictures: Path | None = None) -> None:
        self._engine = open_database(url)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        self._pictures = KeptPictures(pictures) if pictures is not None else None
        self._pictures_lock = Lock()

    def add(self, picture: SeenPicture, file_name: str, threshold: float) -> PictureRow:
        """Store a result; when this returns it is on the disk, its kept picture too.

        Raises:
            SQLAlchemyError: if the database does not take it.
            OSError: if the picture cannot be written.
        """
        row = PictureRow(
            received=utc_now(), file_name=file_name, threshold=threshold,
            width=picture.width, height=picture.height, media_type=picture.media_type,
            kept_as=None,
            faces=[_face_row(number, face) for number, face in enumerate(picture.faces, 1)])
        if self._pictures is None:
            self._insert(row)
            return row
        with self._pictures_lock, self._pictures.new(picture) as path:
            row.kept_as = path
            self._insert(row)
        if self.get(row.id) is None:  # another service has deleted it before it had its name
            remove_kept(path)
        return row

    def _insert(self, row: PictureRow) -> None:
        with self._sessions.begin() as session:
            session.add(row)

    def get(self, picture_id: int) -> PictureRow | None:
        """Return one result."""
        with self._sessions() as session:
            return session.get(PictureRow, picture_id)

    def page(self, wanted: Filter, limit: int, before: int | None = None) -> list[PictureRow]:
        """Return results, the newest first, of ids smaller than `before`."""
        query = _filtered(wanted).order_by(PictureRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(PictureRow.id < before)
        with self._sessions() as session:
            return list(session.scalars(query))

    def count(self, wanted: Filter) -> int:
        """Return how many results there are."""
        query = select(func.count()).select_from(_filtered(wanted).subquery())
        with self._sessions() as session:
            return session.scalar(query) or 0

    def labels(self) -> list[str]:
        """Return the emotions beside the seven that some face was told to show, by name."""
        query = select(LabelRow.label).distinct().order_by(LabelRow.label)
        with self._sessions() as session:
            return [label for label in session.scalars(query) if label not in EMOTIONS]

    def every(self, wanted: Filter) -> Iterator[PictureRow]:
        """Yield all results, the oldest first, a page at a time."""
        last = 0
        while True:
            query = _filtered(wanted).where(PictureRow.id > last)
            with self._sessions() as session:
                rows = list(session.scalars(query.order_by(PictureRow.id).limit(PAGE)))
            yield from rows
            if len(rows) < PAGE:
                return
            last = rows[-1].id

    def delete(self, picture_id: int) -> bool:
        """Delete one result, first its kept picture; return whether there was one."""
        with self._pictures_lock, self._sessions.begin() as session:
            row = session.get(PictureRow, picture_id)
            if row is None:
                return False
            if row.kept_as is not None:
                remove_kept(row.kept_as)
            session.delete(row)
        self._forget_journal()
        return True

    def delete_all(self) -> int:
        """Delete everything that was there at the call; return how many results."""
        with self._pictures_lock, self._sessions.begin() as session:
            newest = session.scalar(select(func.max(PictureRow.id))) or 0
            there = PictureRow.id <= newest
            for path in session.scalars(select(PictureRow.kept_as).where(there)):
                if path is not None:
                    remove_kept(path)
            count = session.scalar(select(func.count()).where(there)) or 0
            session.execute(delete(LabelRow).where(LabelRow.picture_id <= newest))
            session.execute(delete(NameRow).where(NameRow.picture_id <= newest))
            session.execute(delete(FaceRow).where(FaceRow.picture_id <= newest))
            session.execute(delete(PictureRow).where(there))
        self._forget_journal()
        return count

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        if self._pictures is not None:
            self._pictures.close()

    def _forget_journal(self) -> None:
        """Empty SQLite's journal, which still holds what was deleted."""
        if self._engine.dialect.name == 'sqlite':
            with Session(self._engine) as session:
                session.execute(text('PRAGMA wal_checkpoint(TRUNCATE)'))


def utc_now() -> datetime:
    """Return the time of day in UTC, without a time zone."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


def _face_row(number: int, face: SeenFace) -> FaceRow:
    box = face.box
    shares = {name: round(share, DIGITS) for name, share in face.probabilities.items()}
    seven = {name.lower(): shares.get(name, 0.0) for name in EMOTIONS}
    labels = [] if tuple(shares) == EMOTIONS else [
        LabelRow(position=position, label=label, probability=share)
        for position, (label, share) in enumerate(shares.items())]
    return FaceRow(face_id=number, x=box.x, y=box.y, width=box.width, height=box.height,
                   labels=labels, named=NameRow(person=face.person) if face.person else None,
                   **seven)


def _shows(emotion: str) -> ColumnElement[bool]:
    """Return whether a picture has a face that shows an emotion."""
    told = FaceRow.labels.any(and_(
        LabelRow.label == emotion, LabelRow.probability >= PictureRow.threshold))
    if emotion in EMOTIONS:
        share = getattr(FaceRow, emotion.lower())
        told = or_(told, and_(share >= PictureRow.threshold, ~FaceRow.labels.any()))
    return PictureRow.faces.any(told)


def _filtered(wanted: Filter) -> Select[Any]:
    query = select(PictureRow)
    if wanted.emotion is not None:
        query = query.where(_shows(wanted.emotion))
    if wanted.since is not None:
        query = query.where(PictureRow.received >= wanted.since)
    if wanted.until is not None:
        query = query.where(PictureRow.received < wanted.until)
    return query
