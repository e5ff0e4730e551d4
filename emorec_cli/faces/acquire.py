# SPDX-License-Identifier: Apache-2.0
"""`emorec faces acquire`."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.faces.common import add_command
from emorec_cli.faces.common import add_people
from emorec_cli.faces.common import count_of_photos
from emorec_cli.faces.common import open_people
from emorec_cli.faces.source import finder_for
from emorec_cli.faces.source import frames_of
from emorec_cli.faces.source import open_camera
from emorec_cli.faces.source import SOURCES
from emorec_cli.interrupts import interruptible
from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.arguments import positive_int
from emorec_cli.parsing.options import add_bag_topics
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.options import chosen_source
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost

if TYPE_CHECKING:
    from emorec_cli.faces.photo_views import View
    from emorec_vision.people.collector import PhotoCollector
    from emorec_vision.people.store import PeopleStore


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'acquire', run, 'take photos of a person from a camera or a film',
        'Take photos of one person, who should be alone in view and move the head a little: only '
        'frames that are near, sharp, well lit and frontal, and differ from one another. Run it '
        'again to add photos, best on another day and in another light. In the window, c takes a '
        'photo by hand and q ends. Ctrl-C keeps what was taken.')
    add = parser.add_argument
    add('--name', required=True, metavar='NAME', help='of the person')
    add('--num-photos', type=positive_int, default=30, metavar='N',
        help='how many photos to add')
    add('--source', default='auto', metavar='SOURCE', help=SOURCES)
    add_bag_topics(parser)
    add_detector(parser)
    add_people(parser)


def run(arguments: argparse.Namespace) -> int:
    """Take the photos, write a contact sheet and say what was done."""
    import cv2
    from emorec_cli.faces.photo_views import open_view
    from emorec_vision.people.collector import PhotoCollector
    from emorec_vision.people.names import folder_name
    cv2.setNumThreads(1)
    folder_name(arguments.name)
    people = open_people(arguments)
    people.tidy()
    collector = PhotoCollector(arguments.num_photos, known=people.photos(arguments.name))
    with interruptible(), open_camera(chosen_source(arguments, arguments.source)) as source:
        with open_view(arguments.name, arguments.num_photos, source.live) as view:
            acquisition = Acquisition(source, collector, people, arguments.name, view,
                                      arguments.detector)
            ending = acquisition.run()
    return _report(arguments, people, acquisition, ending)


class Acquisition:
    """Read a source to its end, or until all photos are taken, and write each one at once.

    Attributes:
        collector: what was taken, and what was waited for.
        images: how many were looked at.
    """

    def __init__(self, source: Source, collector: PhotoCollector, people: PeopleStore,
                 name: str, view: View, detector: str = 'auto') -> None:
        """Start without an image."""
        self.collector = collector
        self.images = 0
        self._source = source
        self._people = people
        self._name = name
        self._view = view
        self._finder = finder_for(source, detector)

    def run(self) -> str:
        """Take photos; return why it ended, '' when all were taken."""
        try:
            for frame, stamp in frames_of(self._source):
                if self._look(frame, stamp):
                    return 'ended by hand'
                if self.collector.done:
                    return ''
        except KeyboardInterrupt:
            return 'interrupted'
        except SourceLost as error:
            return str(error)
        return 'the source ended'

    def _look(self, frame: Frame, stamp: int) -> bool:
        """Look at one image; return whether the user wants to end."""
        import cv2
        self.images += 1
        gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
        faces = self._finder.process(gray, stamp, frame.depth, frame.intrinsics).faces
        self._keep(self.collector.offer(faces, stamp).photo)
        key = self._view.show(frame.rgb, faces, len(self.collector.photos),
                              self.collector.hint)
        if key == 'c' and not self.collector.done:
            self._keep(self.collector.offer(faces, stamp, by_hand=True).photo)
        return key == 'q'

    def _keep(self, photo: Any) -> None:
        if photo is not None:
            self._people.add(self._name, [photo])


def _report(arguments: argparse.Namespace, people: PeopleStore, acquisition: Acquisition,
            ending: str) -> int:
    """Write the contact sheet, say what was taken and what to do next; return the status."""
    from emorec_vision.people.photo_sheet import write_contact_sheet
    collector, name = acquisition.collector, arguments.name
    if not collector.photos:
        tell(f'no photo of {name} was taken: {ending}; {_why(acquisition)}')
        return 2
    sheet = write_contact_sheet(people.home(name))
    print(f'{name}: {count_of_photos(len(collector.photos))} taken, {people.count(name)} in all, '
          f'in {people.home(name)}')
    if not collector.done:
        print(f'fewer than {collector.wanted}: {ending}; {_why(acquisition)}')
    print(f'look at {sheet} and delete the files of bad ones')
    option = f' --people {arguments.people}' if arguments.people is not None else ''
    print(f'next: emorec faces train{option}')
    return 0


def _why(acquisition: Acquisition) -> str:
    """Return in words what held up how many of the images."""
    waited: Counter[str] = acquisition.collector.waited
    if not waited:
        return f'{acquisition.images} images were looked at'
    reasons = ', '.join(f'{hint} {count}' for hint, count in waited.most_common())
    return f'of {acquisition.images} images: {reasons}'
