# SPDX-License-Identifier: Apache-2.0
"""Reads the faces of a node against what is known of the people, and keeps that."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import monotonic

from emorec.msg import PersonChange
from emorec_ros.people.worker import Worker
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.emotion.learnt_expressions import Learnt
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.person_rests import Known
from emorec_vision.emotion.person_rests import PersonRests
from emorec_vision.emotion.rest import Adapted
from emorec_vision.emotion.rest import Rest
from emorec_vision.emotion.track_names import TrackNames
from emorec_vision.errors import InputError
from emorec_vision.people.expression_files import ExpressionFiles
from emorec_vision.stamps import TimeLine
import numpy as np

OFF, REST, PERSON = ADAPT = ('off', 'rest', 'person')
"""Read raw; against what is known in memory; also against what the people folder keeps."""
WRITE_EVERY = 30.0
"""Seconds after which what was learnt is written while a person stays."""


class PersonalReading:
    """The people's faces at rest, under their names and on their tracks.

    What is known is written when a person has left, every WRITE_EVERY seconds, and at the end, by
    a thread of its own. Expressions that another program has learnt meanwhile are taken up when
    a person comes, or is written.

    Args:
        node: with the settings adapt and keep_rests.
        model: with a space.
        folder: of the known people; None: nobody is known.

    Attributes:
        files: of the known people.
        names: of the tracks.
    """

    def __init__(self, node: EmorecNode, model: EmotionModel, folder: Path | None) -> None:
        assert model.space is not None
        self.files = None if folder is None else ExpressionFiles(folder, model)
        self.names = TrackNames()
        self._node = node
        self._space = model.space
        self._worker = Worker(node)
        self._session = ''
        self._time = TimeLine()
        self._adapt = OFF
        self._written: dict[str, np.ndarray] = {}
        self._stored: dict[str, Known] = {}
        self._settled: set[str] = set()
        self._rests = PersonRests(self._space)
        self.use(node.settings.adapt)
        node.create_subscription(PersonChange, 'person_changes', self._on_change, RESULT)
        steady_timer(node, WRITE_EVERY, lambda: self._write(list(self._rests.people)))

    @property
    def is_on(self) -> bool:
        """Tell whether faces are read against what is known."""
        return self._adapt != OFF

    def use(self, adapt: str) -> None:
        """Go on in another way of ADAPT; what is in memory of the earlier one is forgotten."""
        if adapt == self._adapt:
            return
        self._write(list(self._rests.people))
        self._adapt = adapt
        self._written.clear()
        self._stored = (self.files.read_all(self._node.get_logger().warning)
                        if self.files is not None and adapt == PERSON else {})
        self._rests = PersonRests(self._space, self._load)

    def begin(self, session: str, stamp: int) -> None:
        """Take note of the next image (stamp in ns); tracks are forgotten where all is new."""
        anew = self._time.add(stamp)
        if anew or session != self._session:
            self._session = session
            self._rests.forget_tracks()

    def read(self, stamp: int, names: Mapping[str, str], probabilities: Mapping[str, np.ndarray],
             coordinates: Mapping[str, np.ndarray]) -> dict[str, Adapted]:
        """Return the measured faces as they are read now; the arguments are PersonRests'."""
        answers = self._rests.read(stamp, names, probabilities, coordinates)
        settled = self._rests.settled
        self._write(self._settled - settled)
        self._settled = settled
        return answers

    async def learn(self, name: str, learnt: Learnt) -> None:
        """Keep what a person showed when asked; it counts from now on.

        Raises:
            InputError: if the person is not in the people folder, or it cannot be written.
        """
        files = self.files_of(name)
        expressions = {finding.label: learnt.expressions.get(finding.label)
                       for finding in learnt.findings if not finding.skipped}
        known = await self._worker.do(
            lambda: files.write_learnt(name, learnt.rest, expressions))
        self._use(name, known)

    async def forget(self, name: str, labels: list[str]) -> bool:
        """Delete expressions of a person, or all that is known of the face without labels.

        Raises:
            InputError: if that cannot be done.
        """
        files = self.files_of(name)
        found = await self._worker.do(lambda: files.forget(name, labels))
        self._use(name, await self._worker.do(lambda: files.read(name)) if labels else None)
        return found

    def files_of(self, name: str) -> ExpressionFiles:
        """Return the files of the known people, who must have this one among them.

        Raises:
            InputError: if not, or the files are not read.
        """
        if self._adapt != PERSON:
            raise InputError(f'parameter adapt is {self._adapt}, so that nothing is kept of '
                             f'anybody; set it to {PERSON} first')
        if self.files is None:
            raise InputError('this node knows nobody (its parameter people is none); give it a '
                             'folder, or leave the parameter empty')
        self.files.require(name)
        return self.files

    def close(self) -> None:
        """Write what has changed, and finish."""
        self._worker.close()
        for name, rest in self._changed(list(self._rests.people)):
            try:
                if self.files is not None:
                    self.files.write_rest(name, rest)
            except InputError as error:
                self._node.get_logger().warning(str(error))

    def _on_change(self, message: PersonChange) -> None:
        name, new_name, now = message.name, message.new_name, monotonic()
        if message.change == PersonChange.FORGOTTEN:
            self.names.replace(name, '', now)
            self._rests.forget_person(name)
            self._stored.pop(name, None)
            self._written.pop(name, None)
        elif message.change == PersonChange.RENAMED:
            self.names.replace(name, new_name, now)
            self._rests.rename_person(name, new_name)
            if name in self._stored:
                self._stored[new_name] = self._stored.pop(name)
            if name in self._written:
                self._written[new_name] = self._written.pop(name)
        else:
            self.names.enrolled(name)

    def _load(self, name: str) -> Known | None:
        """Return what is known to be stored, and look whether that has changed."""
        files = self.files
        if files is None or self._adapt != PERSON:
            return None
        self._later(name, partial(files.read, name))
        return self._stored.get(name)

    def _use(self, name: str, stored: Known | None) -> None:
        """Read a person as it is stored from now on; what was learnt since does not count."""
        self._stored.pop(name, None)
        if stored is not None:
            self._stored[name] = stored
        self._rests.people[name] = stored or Known(Rest(self._space))
        self._written[name] = self._rests.people[name].rest.mean

    def _take_up(self, name: str, stored: Known) -> None:
        """Take note of what is stored of a person in memory, of which the expressions count."""
        known = self._rests.people[name]
        known.expressions = stored.expressions
        if name not in self._stored and known.rest.seconds == 0:
            known.rest.join(stored.rest)
        self._stored[name] = stored

    def _changed(self, names: Iterable[str]) -> list[tuple[str, Rest]]:
        """Return people of whom more is known than was written, and a copy of their rest."""
        if self._adapt != PERSON or not self._node.settings.keep_rests:
            return []
        people = self._rests.people
        return [(name, Rest(self._space, people[name].rest.seconds, people[name].rest.mean))
                for name in names if name in people and people[name].rest.seconds > 0
                and people[name].rest.mean is not self._written.get(name)]

    def _write(self, names: Iterable[str]) -> None:
        files = self.files
        if files is not None:
            for name, rest in self._changed(names):
                self._written[name] = rest.mean
                self._later(name, partial(files.write_rest, name, rest))

    def _later(self, name: str, work: Callable[[], Known | None]) -> None:
        """Let the worker read or write what is stored of a person."""
        async def do() -> None:
            try:
                stored = await self._worker.do(work)
                if stored is not None and name in self._rests.people:  # not forgotten meanwhile
                    self._take_up(name, stored)
            except InputError as error:
                self._node.warn(str(error), once=True)

        if (executor := self._node.executor) is not None:
            executor.create_task(do)
