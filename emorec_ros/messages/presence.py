# SPDX-License-Identifier: Apache-2.0
"""Who is here and what happens to them, as messages."""

from collections.abc import Mapping
from collections.abc import Sequence

from builtin_interfaces.msg import Duration
from emorec.msg import Emotion
from emorec.msg import FaceArray
from emorec.msg import PeopleSummary
from emorec.msg import PersonEvent
from emorec.msg import PersonPresence
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.conversions import time_from_ns
from emorec_vision.emotion.aggregation import PersonInView
from emorec_vision.emotion.presence import PersonNews
from emorec_vision.emotion.visit import Seen
from emorec_vision.emotion.visit import Visit
from emorec_vision.emotions import number_of
from emorec_vision.stamps import NANOSECONDS
from std_msgs.msg import Header


def seen_in(faces: FaceArray, people: Mapping[str, PersonInView]) -> dict[str, Seen]:
    """Return what an image shows of each track, by track_id."""
    seen = {}
    for face in faces.faces:
        person = people[face.track_id]
        confirmation = person.state.confirmation
        seen[face.track_id] = Seen(
            person.name, face.detected, face.distance,
            face.roi.width / faces.image_width if faces.image_width else 0.0,
            confirmation.emotion if confirmation.confirmed else None, face.estimated)
    return seen


def event_message(header: Header, news: PersonNews) -> PersonEvent:
    """Return an event as a message."""
    return PersonEvent(
        header=header, event=int(news.event), event_label=news.event.name,
        track_id=news.track_id, person=news.name, known=bool(news.name),
        emotion=_number(news.emotion), label=news.emotion or '')


def summary_message(header: Header, watching: bool, visits: Sequence[Visit]) -> PeopleSummary:
    """Return who is here as a message; `header` is that of the newest answered image."""
    now = stamp_ns(header.stamp)
    return PeopleSummary(
        header=header, watching=watching, people=[_presence(visit, now) for visit in visits])


def _presence(visit: Visit, now: int) -> PersonPresence:
    held = 0 if visit.emotion is None else max(0, now - visit.emotion_since)
    return PersonPresence(
        person=visit.name, known=bool(visit.name), track_id=visit.track_id,
        in_view=visit.in_view, engaged=visit.engaged, since=time_from_ns(visit.since),
        emotion=_number(visit.emotion), label=visit.emotion or '',
        held=Duration(sec=held // NANOSECONDS, nanosec=held % NANOSECONDS),
        distance=visit.distance, estimated=visit.estimated)


def _number(emotion: str | None) -> int:
    return Emotion.UNKNOWN if emotion is None else number_of(emotion)
