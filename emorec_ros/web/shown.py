# SPDX-License-Identifier: Apache-2.0
"""Messages as the dashboard shows them: plain values, fit for JSON."""

from math import isfinite
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from emorec.msg import FaceArray
from emorec.msg import PeopleSummary
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.labels import label_of
from emorec_ros.messages.labels import labels_of
from emorec_ros.messages.labels import shown_probabilities
from emorec_vision.stamps import NANOSECONDS
from sensor_msgs.msg import RegionOfInterest

LEVELS = {DiagnosticStatus.OK: 'OK', DiagnosticStatus.WARN: 'warning',
          DiagnosticStatus.ERROR: 'error', DiagnosticStatus.STALE: 'stale'}


def person_name(person: str, track_id: str) -> str:
    """Return what somebody is called; several unknown people are told apart."""
    return person or f'unknown {track_id.rpartition("-")[2]}'


def people(message: PersonEmotionArray) -> list[dict[str, Any]]:
    """Return everybody of an answer.

    Raises:
        ValueError: if `check_people` refuses the message.
    """
    labels = labels_of(message)
    shown = []
    for each in message.people:
        shares = shown_probabilities(message, each)
        shown.append({
            'key': each.person if each.known else each.track_id,
            'name': person_name(each.person, each.track_id), 'known': each.known,
            'track_id': each.track_id, 'emotion': label_of(each), 'confirmed': each.confirmed,
            'probability': number(each.probability), 'distance': number(each.distance),
            'estimated': each.estimated, 'probabilities': None if shares is None else dict(
                zip(labels, map(float, shares), strict=True))})
    return shown


def present(message: PeopleSummary) -> list[dict[str, Any]]:
    """Return since when everybody of a summary is here, s."""
    now = stamp_ns(message.header.stamp)
    return [{'key': each.person if each.known else each.track_id,
             'here': max(0, now - stamp_ns(each.since)) / NANOSECONDS} for each in message.people]


def rejected(message: FaceArray) -> list[dict[str, Any]]:
    """Return what is no face, where, and why."""
    return [{'box': box(each.roi), 'reason': each.rejected_because,
             'distance': number(each.distance)} for each in message.faces]


def node(status: DiagnosticStatus) -> dict[str, Any]:
    """Return how a node is."""
    return {'level': LEVELS.get(status.level, 'unknown'), 'message': status.message,
            'values': {pair.key: pair.value for pair in status.values}}


def box(roi: RegionOfInterest) -> list[int]:
    """Return left, top, width, height in px."""
    return [roi.x_offset, roi.y_offset, roi.width, roi.height]


def number(value: float) -> float | None:
    """Return a number; None for NaN and infinity, which JSON does not have."""
    return float(value) if isfinite(value) else None
