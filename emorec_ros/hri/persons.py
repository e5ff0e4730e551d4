# SPDX-License-Identifier: Apache-2.0
"""Who is here and who was, as persons of REP 155."""

from collections.abc import Mapping
from dataclasses import dataclass

from emorec_ros.hri.ids import anonymous_id
from emorec_ros.hri.ids import face_id
from emorec_ros.hri.ids import person_id


@dataclass(frozen=True)
class Person:
    """A person who is here, or an id that somebody here had before.

    Attributes:
        person_id: unique, permanent unless anonymous.
        anonymous: whether nobody knows who it is.
        name: '' where there is none.
        face_id: of the face in view, '' while there is none.
        alias: the id that the person has now, '' while it is this one.
        engaged: None while that is not known.
    """

    person_id: str
    anonymous: bool
    name: str = ''
    face_id: str = ''
    alias: str = ''
    engaged: bool | None = None


class Persons:
    """The persons of a run, from the names of tracks and from what presence tells of them.

    A track without a name is an anonymous person, for as long as it is in view or its visit
    lasts. Once it has a name, the anonymous person is an alias of that person. A named person
    stays known to the end of the run; the old name of a renamed one is an alias.
    """

    def __init__(self) -> None:
        self._in_view: dict[str, str] = {}
        self._engaged: dict[str, bool] = {}
        self._anonymous: list[str] = []
        self._met: list[str] = []
        self._renamed: dict[str, str] = {}

    @property
    def known_ids(self) -> list[str]:
        """Return the ids of all who are here, and of the named ones who were."""
        here = [person.person_id for person in self.here]
        return here + [each for each in map(person_id, self._met) if each not in here]

    @property
    def tracked_ids(self) -> list[str]:
        """Return the ids of those in view."""
        return [person.person_id for person in self.here if person.face_id]

    @property
    def here(self) -> list[Person]:
        """Return those who are in view or whose visit lasts, and the aliases of these."""
        tracks = {name: track_id for track_id, name in self._in_view.items() if name}
        found = [Person(person_id(name), anonymous=False, name=name,
                        face_id=face_id(tracks[name]) if name in tracks else '',
                        engaged=self._engaged.get(name, self._engaged.get(tracks.get(name, ''))))
                 for name in self._met if name in tracks or name in self._engaged]
        ids = {person.person_id for person in found}
        for track_id in self._anonymous:
            name = self._in_view.get(track_id)
            if name:
                found.append(Person(
                    anonymous_id(track_id), anonymous=True, alias=person_id(name)))
            else:
                found.append(Person(
                    anonymous_id(track_id), anonymous=True,
                    face_id='' if name is None else face_id(track_id),
                    engaged=self._engaged.get(track_id)))
        return found + [Person(person_id(name), anonymous=False, alias=person_id(new_name))
                        for name, new_name in self._renamed.items() if person_id(new_name) in ids]

    def see(self, names: Mapping[str, str]) -> bool:
        """Take note of one image: the names of its tracks by track_id, '' while unknown.

        Returns:
            whether it shows somebody else than the image before.
        """
        if names == self._in_view:
            return False
        self._in_view = dict(names)
        for track_id, name in names.items():
            if name:
                self._meet(name)
            elif track_id not in self._anonymous:
                self._anonymous.append(track_id)
        self._drop_gone()
        return True

    def is_here(self, track_id: str, name: str, engaged: bool) -> None:
        """Take note that a person has arrived, engaged or disengaged."""
        self._engaged.update({key: engaged for key in (track_id, name) if key})

    def left(self, track_id: str, name: str) -> None:
        """Take note that a person has left."""
        for key in (track_id, name):
            self._engaged.pop(key, None)
        self._drop_gone()

    def forget_presence(self) -> None:
        """Begin anew to note who is here."""
        self._engaged.clear()

    def renamed(self, name: str, new_name: str) -> None:
        """Let a person go on under another name, '' if nobody may know it any more."""
        if name in self._engaged:
            self.is_here('', new_name, self._engaged.pop(name))
        if name in self._met:
            self._met.remove(name)
            former = [name, *(old for old, new in self._renamed.items() if new == name)]
            for old in former:
                self._renamed.pop(old, None)
            if new_name:
                self._meet(new_name)
                self._renamed.update({old: new_name for old in former if old != new_name})
        self.see({track_id: new_name if each == name else each
                  for track_id, each in self._in_view.items()})

    def _meet(self, name: str) -> None:
        if name not in self._met:
            self._met.append(name)
            self._renamed.pop(name, None)

    def _drop_gone(self) -> None:
        self._anonymous = [track_id for track_id in self._anonymous
                           if track_id in self._in_view or track_id in self._engaged]
