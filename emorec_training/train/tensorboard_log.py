# SPDX-License-Identifier: Apache-2.0
"""Writes the course of a training run for TensorBoard, without TensorFlow.

The format: each record of an events file is a length and a protobuf `Event`, both with masked
CRC32C, https://github.com/tensorflow/tensorboard (summary/writer/record_writer.py).
"""

from collections.abc import Mapping
from collections.abc import Sequence
from io import BytesIO
import os
from pathlib import Path
import socket
import time

from emorec_vision.files.whole_file import append
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.event_pb2 import SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

FOLDER: str = 'tensorboard'
SCALARS: tuple[str, ...] = ('loss', 'accuracy', 'check_loss', 'check_accuracy', 'lr')


class TensorboardLog:
    """The events file of one run, in `folder`/tensorboard; the step is the epoch, from 1.

    A resumed run writes its whole history again into a file of its own and removes the older
    ones. The file begins with a SessionLog START of step 1, upon which a TensorBoard that
    watches drops what it knew; so no epoch is missing or shown twice, wherever the run was
    killed.

    Args:
        folder: of the run.
        history: the records of the epochs so far.
    """

    def __init__(self, folder: Path, history: Sequence[Mapping[str, float]] = ()) -> None:
        """Begin the file, with the records of a run that is resumed."""
        parent = folder / FOLDER
        parent.mkdir(parents=True, exist_ok=True)
        earlier = list(parent.glob('events.out.tfevents.*'))
        now = time.time()
        name = f'events.out.tfevents.{now:017.6f}.{socket.gethostname()}.{os.getpid()}'
        self._path = parent / name
        began = now - (history[-1]['seconds'] if history else 0.0)
        start = SessionLog(status=SessionLog.START)
        self._write([Event(wall_time=began, file_version='brain.Event:2'),
                     Event(wall_time=began, step=1, session_log=start),
                     *(_event(record, began + record['seconds']) for record in history)])
        for path in earlier:
            path.unlink(missing_ok=True)

    def add(self, record: Mapping[str, float]) -> None:
        """Append the record of one epoch, see loop.train."""
        self._write([_event(record, time.time())])

    def _write(self, events: Sequence[Event]) -> None:
        content = BytesIO()
        writer = RecordWriter(content)
        for event in events:
            writer.write(event.SerializeToString())
        append(self._path, content.getvalue())


def _event(record: Mapping[str, float], wall_time: float) -> Event:
    values = [Summary.Value(tag=name, simple_value=record[name]) for name in SCALARS]
    return Event(wall_time=wall_time, step=int(record['epoch']), summary=Summary(value=values))
