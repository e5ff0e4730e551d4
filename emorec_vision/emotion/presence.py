# SPDX-License-Identifier: Apache-2.0
"""Tell when people arrive, leave, are recognised and engage, without flicker."""

from collections.abc import Mapping
from dataclasses import dataclass

from emorec_vision.emotion.visit import Event
from emorec_vision.emotion.visit import PresenceSettings
from emorec_vision.emotion.visit import Seen
from emorec_vision.emotion.visit import Visit
from emorec_vision.stamps import seconds_to_ns
from emorec_vision.stamps import TimeLine


@dataclass(frozen=True)
class PersonNews:
    """An event, with the track, name and last confirmed emotion of its person."""

    event: Event
    track_id: str
    name: str
    emotion: str | None


class Presence:
    """Who is here, image by image, and what happens to them.

    A visit begins with a track. Once the track has a name the visit is that person's: it goes
    on with whatever track carries the name, and a track that gets somebody else's name begins
    or continues that person's visit. A track that loses its name still counts as the person's.

    A person has arrived `arrive_after` seconds after coming into view. An unknown one has not
    while a known person is missed, who may be the one and be recognised in a moment. A person
    has left after `leave_after` seconds out of view; a visit that never arrived ends silently.

    A person is engaged who has been near and detected for `engage_after` seconds, in every
    image but for gaps up to half of that; and no longer after `disengage_after` seconds farther
    away than BREAK_OFF times the distance, or undetected.

    Stamps that begin anew end all visits.

    Args:
        settings: the times and the distance.
    """

    def __init__(self, settings: PresenceSettings = PresenceSettings()) -> None:
        self._settings = settings
        self._visits: list[Visit] = []
        self._news: list[PersonNews] = []
        self._time = TimeLine()

    @property
    def visits(self) -> list[Visit]:
        """Return the visits of those who have arrived and not left, the first comers first."""
        return sorted((visit for visit in self._visits if visit.arrived),
                      key=lambda visit: visit.since)

    def update(self, stamp: int, people: Mapping[str, Seen]) -> list[PersonNews]:
        """Add one image, taken at `stamp` (ns), with its people by track_id; return the news."""
        if self._time.add(stamp):
            self._end_all()
        for track_id, seen in people.items():
            self._assign(track_id, seen.name, stamp)
        for visit in self._visits:
            visit.in_view = visit.has_track and visit.track_id in people
            if visit.in_view:
                seen = people[visit.track_id]
                visit.last_seen, visit.distance = stamp, seen.distance
                visit.estimated = seen.estimated
        for visit in list(self._visits):
            seen_now = people[visit.track_id] if visit.in_view else None
            if seen_now is not None:
                self._greet(visit, seen_now, stamp)
            if (change := visit.follow_nearness(seen_now, stamp, self._settings)) is not None:
                self._tell(change, visit)
            away = stamp - visit.last_seen
            if not visit.in_view and away >= seconds_to_ns(self._settings.leave_after):
                self._end(visit)
        return self._take_news()

    def everybody_left(self) -> list[PersonNews]:
        """End all visits, because nobody looks any more, and return the news."""
        self._end_all()
        return self._take_news()

    def forgotten(self, name: str) -> None:
        """Take the name from a person who is no longer enrolled."""
        self.renamed(name, '')

    def renamed(self, name: str, new_name: str) -> None:
        """Let a person's visit go on under another name."""
        for visit in self._visits:
            if visit.name == name:
                visit.name = new_name
                visit.recognised_as = new_name if visit.recognised_as else ''

    def _assign(self, track_id: str, name: str, stamp: int) -> None:
        """Give a track to the visit that it shows, a new one where there is none."""
        mine = next((visit for visit in self._visits
                     if visit.has_track and visit.track_id == track_id), None)
        if mine is not None and (not name or mine.name == name):
            return
        theirs = next((visit for visit in self._visits if name and visit.name == name), None)
        if theirs is None and mine is not None and not mine.name:
            mine.name = name
            return
        if mine is not None and mine.name:
            mine.has_track = False
        elif mine is not None and theirs is not None and theirs.in_view:
            mine.track_id = theirs.track_id
        elif mine is not None:
            self._end(mine)
        if theirs is None:
            self._visits.append(Visit(track_id, stamp, stamp, name))
        else:
            theirs.track_id, theirs.has_track = track_id, True

    def _greet(self, visit: Visit, seen: Seen, stamp: int) -> None:
        if seen.emotion is not None and seen.emotion != visit.emotion:
            visit.emotion, visit.emotion_since = seen.emotion, stamp
        long_enough = stamp - visit.since >= seconds_to_ns(self._settings.arrive_after)
        if not visit.arrived and seen.detected and long_enough and (
                visit.name or not self._somebody_is_missed()):
            visit.arrived = True
            self._tell(Event.ARRIVED, visit)
        if not visit.arrived:
            return
        if visit.name not in ('', visit.recognised_as):
            visit.recognised_as = visit.name
            self._tell(Event.RECOGNISED, visit)
        if visit.emotion != visit.said_emotion:
            visit.said_emotion = visit.emotion
            self._tell(Event.EMOTION, visit)

    def _somebody_is_missed(self) -> bool:
        return any(visit.arrived and visit.name and not visit.in_view for visit in self._visits)

    def _end_all(self) -> None:
        for visit in list(self._visits):
            self._end(visit)

    def _end(self, visit: Visit) -> None:
        self._visits.remove(visit)
        if visit.engaged:
            self._tell(Event.DISENGAGED, visit)
        if visit.arrived:
            self._tell(Event.LEFT, visit)

    def _tell(self, event: Event, visit: Visit) -> None:
        self._news.append(PersonNews(event, visit.track_id, visit.name, visit.emotion))

    def _take_news(self) -> list[PersonNews]:
        news, self._news = self._news, []
        return news
