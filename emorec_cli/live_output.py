# SPDX-License-Identifier: Apache-2.0
"""Print /emotions messages: one JSON object each, or one line per change."""

from datetime import datetime
import json
from math import isnan
from typing import Any

from emorec_vision.emotions import EMOTIONS
from emorec_vision.face_position import distance_text

LIVE_SINCE = 1e9
"""Stamps from here on (s) are times of the day; smaller ones are times in a file."""


class JsonOutput:
    """Give one JSON object per message."""

    def lines(self, message: Any) -> list[str]:
        """Give the line to print for a PersonEmotionArray."""
        return [json.dumps({
            'stamp': _seconds(message), 'people': [_person(person) for person in message.people]})]


class TextOutput:
    """Give one readable line per change of a person's confirmed emotion."""

    def __init__(self) -> None:
        self._confirmed: dict[str, int] = {}
        self._names: set[str] = set()

    def lines(self, message: Any) -> list[str]:
        """Give the lines to print for a PersonEmotionArray."""
        lines = []
        for person in message.people:
            who = person.person or person.track_id
            self._names.update([person.person] if person.known else [])
            if person.confirmed and self._confirmed.get(who) != person.emotion:
                self._confirmed[who] = person.emotion
                where = '' if isnan(person.distance) else (
                    f'  {distance_text(person.distance, person.estimated)}')
                name = person.person or f'unknown ({person.track_id})'
                lines.append(f'{_time(_seconds(message))}  {name}: {EMOTIONS[person.emotion]}, '
                             f'{person.share:.0%} of the window{where}')
        here = {person.track_id for person in message.people}
        self._confirmed = {who: emotion for who, emotion in self._confirmed.items()
                           if who in here or who in self._names}
        return lines


def _time(seconds: float) -> str:
    if seconds < LIVE_SINCE:
        return f'{seconds:.2f} s'
    return datetime.fromtimestamp(seconds).strftime('%H:%M:%S')


def _seconds(message: Any) -> float:
    return round(message.header.stamp.sec + message.header.stamp.nanosec / 1e9, 6)


def _person(person: Any) -> dict[str, Any]:
    measured = person.frame_emotion < len(EMOTIONS)
    return {
        'person': person.person,
        'known': person.known,
        'track_id': person.track_id,
        'emotion': EMOTIONS[person.emotion],
        'confirmed': person.confirmed,
        'share': round(person.share, 4),
        'frame_emotion': EMOTIONS[person.frame_emotion] if measured else '',
        'probabilities': {
            name: round(float(value), 4) for name, value in zip(EMOTIONS, person.probabilities)
        } if measured else None,
        'distance': None if isnan(person.distance) else round(person.distance, 3),
        'estimated': person.estimated,
        'bearing': None if isnan(person.bearing.z) else [
            round(value, 4) for value in (person.bearing.x, person.bearing.y, person.bearing.z)],
        'detected': person.detected,
        'depth_checked': person.depth_checked,
        'roi': [person.roi.x_offset, person.roi.y_offset, person.roi.width, person.roi.height],
    }
