# SPDX-License-Identifier: Apache-2.0
"""Take the photos of one enrolment from the images that come in, and say how far it is."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence

from emorec_vision.errors import InputError
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.people.collector import PhotoCollector
from rclpy.task import Future


class Enrolment:
    """Collect photos of one track until there are enough, the track is lost, or it is ended.

    Without a track_id the only face in view is taken, and its track is the one from the first
    photo on, so that nobody else's photos get among them.

    Args:
        name: whose photos they are to be.
        wanted: how many.
        track_id: the track, '' for the only face in view.
        report: called after every photo and whenever the hint changes.
    """

    def __init__(self, name: str, wanted: int, track_id: str,
                 report: Callable[[Enrolment], None]) -> None:
        self.name = name
        self.track_id = track_id
        self.hint = ''
        self.stamp = 0
        """of the newest image, ns"""
        self.photos: Future = Future()
        """gray uint8 (150, 150) each once they are taken, InputError if it comes to nothing"""
        self._collector = PhotoCollector(wanted, track_id)
        self._report = report

    @property
    def wanted(self) -> int:
        """Return how many photos there are to be."""
        return self._collector.wanted

    @property
    def taken(self) -> int:
        """Return how many photos there are so far."""
        return len(self._collector.photos)

    def offer(self, faces: Sequence[FaceCrop], stamp: int) -> None:
        """Look at the faces of the next image; `stamp` is in ns."""
        if self.photos.done():
            return
        self.stamp = stamp
        if self.track_id and all(face.track_id != self.track_id for face in faces):
            self.end('the face was lost')
            return
        offer = self._collector.offer(faces, stamp)
        if offer.photo is not None or offer.hint != self.hint:
            self.track_id = self.track_id or self._only(faces, offer.photo is not None)
            self.hint = offer.hint
            self._report(self)
        if self._collector.done:
            self.photos.set_result(list(self._collector.photos))

    def end(self, why: str) -> bool:
        """Give up and tell whether that was in time; nothing is kept of the photos taken."""
        if self.photos.done():
            return False
        hint = f' (last hint: {self.hint})' if self.hint else ''
        self.photos.set_exception(InputError(
            f'{why} after {self.taken} of {self.wanted} photos of {self.name}{hint}; none of '
            'them was kept, try again'))
        return True

    @staticmethod
    def _only(faces: Sequence[FaceCrop], taken: bool) -> str:
        return faces[0].track_id if taken and len(faces) == 1 else ''
