# SPDX-License-Identifier: Apache-2.0
"""What people showed over time: episodes, shares and changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

LONGEST_GAP = 1.0
"""Seconds without a row after which somebody was away."""
NOTHING = ''
"""Stands for no confirmed emotion."""


@dataclass
class Episode:
    """A span in which one emotion, or none, was confirmed; seconds."""

    emotion: str
    start: float
    end: float

    @property
    def length(self) -> float:
        """Return how long it lasted, s."""
        return self.end - self.start


@dataclass
class PersonLine:
    """What one person, or one track of somebody unknown, showed.

    Attributes:
        name: of the person, or the track_id.
        known: whether it is a person's name.
        episodes: in their order; between two of them nobody was there.
        means: for each bin of `bin_seconds` with rows, the sums of the probabilities and how
            many rows; by the number of the bin.
        distances: sum in m and count of those that are known.
    """

    name: str
    known: bool
    episodes: list[Episode] = field(default_factory=list)
    means: dict[int, tuple[dict[str, float], int]] = field(default_factory=dict)
    distances: tuple[float, int] = (0.0, 0)

    @property
    def present(self) -> float:
        """Return how long the person was there, s."""
        return sum(episode.length for episode in self.episodes)

    @property
    def shares(self) -> dict[str, float]:
        """Return the share of that time by confirmed emotion, NOTHING for none, 0..1."""
        seconds: defaultdict[str, float] = defaultdict(float)
        for episode in self.episodes:
            seconds[episode.emotion] += episode.length
        return {emotion: part / self.present for emotion, part in seconds.items()
                if self.present > 0}

    @property
    def changes(self) -> int:
        """Return how often another emotion than the last confirmed one was confirmed."""
        said = [episode.emotion for episode in self.episodes if episode.emotion != NOTHING]
        return sum(before != after for before, after in zip(said, said[1:]))


class Timeline:
    """The people of a stream, from the rows of its readings.

    Rows of a known person are one line, whatever their tracks; of unknown people each track is.

    Args:
        bin_seconds: width of the bins of mean probabilities.
    """

    def __init__(self, bin_seconds: float = 1.0) -> None:
        self.bin_seconds = bin_seconds
        self.start: float | None = None
        self.end = 0.0
        self._lines: dict[str, PersonLine] = {}
        self._name_of: dict[str, str] = {}

    def add(self, row: Mapping[str, Any], emotions: tuple[str, ...]) -> None:
        """Add a row, as PersonReading.to_dict returns it."""
        time, track = float(row['time']), str(row['track_id'])
        self.start = time if self.start is None else min(self.start, time)
        self.end = max(self.end, time)
        line = self._line(track, str(row['person']))
        self._extend(line, str(row['confirmed']), time)
        if row['seen']:
            number = int((time - self.start) / self.bin_seconds)
            sums, count = line.means.get(number, (dict.fromkeys(emotions, 0.0), 0))
            line.means[number] = ({name: sums[name] + float(row[name]) for name in emotions},
                                  count + 1)
        if row['distance'] is not None:
            total, count = line.distances
            line.distances = (total + float(row['distance']), count + 1)

    def lines(self) -> list[PersonLine]:
        """Return the people, who was there longest first."""
        return sorted(self._lines.values(), key=lambda line: -line.present)

    def _line(self, track: str, person: str) -> PersonLine:
        """Return the line of a row; a track that gets a name brings what it showed before."""
        key = person or self._name_of.get(track, track)
        if person and track in self._lines and track != person:
            earlier = self._lines.pop(track)
            line = self._lines.setdefault(person, PersonLine(person, True))
            line.episodes = sorted([*line.episodes, *earlier.episodes],
                                   key=lambda episode: episode.start)
            line.means = {**earlier.means, **line.means}
        if person:
            self._name_of[track] = person
        return self._lines.setdefault(key, PersonLine(key, bool(person)))

    def _extend(self, line: PersonLine, emotion: str, time: float) -> None:
        last = line.episodes[-1] if line.episodes else None
        if last is None or not 0 <= time - last.end <= LONGEST_GAP:
            line.episodes.append(Episode(emotion, time, time))
            return
        last.end = time
        if last.emotion != emotion:
            line.episodes.append(Episode(emotion, time, time))
