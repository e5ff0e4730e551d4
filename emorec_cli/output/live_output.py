# SPDX-License-Identifier: Apache-2.0
"""Print /emotions messages: one JSON object each, or one line per change."""

from collections.abc import Iterator
from datetime import datetime
import json
from math import isnan
from typing import Any

from emorec_ros.messages.labels import label_of
from emorec_ros.messages.labels import labels_of
from emorec_ros.messages.labels import shown_probabilities
from emorec_vision.camera.face_position import distance_text
from emorec_vision.emotions import SURE_FROM
from emorec_vision.one_line import one_line

LIVE_SINCE = 1e9
"""Stamps from here on (s) are times of the day; smaller ones are times in a file."""


class JsonOutput:
    """Give one JSON object per message."""

    def lines(self, message: Any) -> list[str]:
        """Give the line to print for a PersonEmotionArray."""
        return [json.dumps({
            'stamp': _seconds(message.header.stamp),
            'people': [_person(message, person) for person in message.people]})]


class TextOutput:
    """Give one readable line per change of a person's confirmed emotion."""

    def __init__(self) -> None:
        self._confirmed: dict[str, tuple[str, float]] = {}
        self._names: set[str] = set()

    def lines(self, message: Any) -> list[str]:
        """Give the lines to print for a PersonEmotionArray."""
        lines, now = [], _seconds(message.header.stamp)
        for person in message.people:
            who, emotion = person.person or person.track_id, label_of(person)
            self._names.update([person.person] if person.known else [])
            before, since = self._confirmed.get(who, ('', now))
            if not person.confirmed or before == emotion:
                continue
            self._confirmed[who] = emotion, now
            name = person.person or f'unknown ({person.track_id})'
            line = f'{_time(now)}  {name}: {emotion} {person.probability:.0%}'
            if before:
                line += f', after {before} for {max(0.0, now - since):.0f} s'
            if not isnan(person.distance):
                line += f'  {distance_text(person.distance, person.estimated)}'
            lines.append(one_line(line))
        here = {person.track_id for person in message.people}
        self._confirmed = {who: said for who, said in self._confirmed.items()
                           if who in here or who in self._names}
        return lines


def _time(seconds: float) -> str:
    if seconds < LIVE_SINCE:
        return f'{seconds:.2f} s'
    return datetime.fromtimestamp(seconds).strftime('%H:%M:%S')


def _seconds(stamp: Any) -> float:
    return round(stamp.sec + stamp.nanosec / 1e9, 6)


def rows_of(message: Any) -> Iterator[dict[str, Any]]:
    """Yield the people of a PersonEmotionArray as rows of `emorec_vision.reader.row_file`."""
    labels, now = labels_of(message), _seconds(message.header.stamp)
    for person in message.people:
        shares = dict(zip(labels, map(float, shown_probabilities(message, person) or ())))
        top = max(shares, key=shares.__getitem__, default='')
        yield {
            'time': now, 'track_id': person.track_id, 'person': person.person,
            'x': person.roi.x_offset, 'y': person.roi.y_offset, 'width': person.roi.width,
            'height': person.roi.height, 'emotion': top, 'probability': shares.get(top),
            'sure': shares[top] >= SURE_FROM if top else None,
            'confirmed': label_of(person) if person.confirmed else '',
            'held': max(0.0, round(now - _seconds(person.since), 6)),
            'adapted': person.adapted_weight if person.adapted else 0.0,
            'distance': None if isnan(person.distance) else person.distance,
            'seen': bool(shares), **shares}


def _person(message: Any, person: Any) -> dict[str, Any]:
    labels, shares = labels_of(message), shown_probabilities(message, person)
    return {
        'person': person.person,
        'known': person.known,
        'track_id': person.track_id,
        'emotion': label_of(person),
        'confirmed': person.confirmed,
        'share': round(person.share, 4),
        'probability': round(person.probability, 4) if person.confirmed else None,
        'since': _seconds(person.since),
        'frame_emotion': '' if shares is None else labels[
            max(range(len(labels)), key=lambda index: shares[index])],
        'probabilities': None if shares is None else {
            name: round(float(value), 4) for name, value in zip(labels, shares)},
        'adapted': person.adapted,
        'adapted_weight': round(person.adapted_weight, 4) if person.adapted else None,
        'distance': None if isnan(person.distance) else round(person.distance, 3),
        'estimated': person.estimated,
        'bearing': None if isnan(person.bearing.z) else [
            round(value, 4) for value in (person.bearing.x, person.bearing.y, person.bearing.z)],
        'detected': person.detected,
        'depth_checked': person.depth_checked,
        'roi': [person.roi.x_offset, person.roi.y_offset, person.roi.width, person.roi.height],
    }
