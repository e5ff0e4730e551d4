# SPDX-License-Identifier: Apache-2.0
"""`--csv` and `--report`: what was read, as a table and as a page."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from emorec_cli.output.standard_error import tell
from emorec_vision.emotions import EMOTIONS
from emorec_vision.files.user_path import expand


def add_csv(parser: argparse.ArgumentParser, what: str) -> None:
    """Add `--csv`, one row per `what`."""
    parser.add_argument(
        '--csv', type=expand, metavar='FILE', help=f'write one row per {what} into this .csv file '
        '(or .parquet, where pandas and pyarrow are installed): who, where and which emotion')


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add `--report`."""
    parser.add_argument(
        '--report', type=expand, metavar='FILE.html', help='write a page that shows what each '
        'person showed over time, without images of anybody')


class Tables:
    """Writes the table and the page that were asked for when the with statement ends.

    Ctrl-C ends it too, with what was read so far.

    Args:
        csv: path of the table, None for none.
        report: path of the page, None for none.
        emotions: that are told.
        model: the name of what tells them.
        title: of the page: what was looked at.

    Raises:
        InputError: if one of them cannot be written.
    """

    def __init__(self, csv: Path | None, report: Path | None, emotions: Sequence[str],
                 model: str, title: str) -> None:
        from emorec_vision.reader.row_file import RowFile
        from emorec_vision.reader.timeline import Timeline
        self._rows = RowFile(csv, emotions) if csv is not None else None
        self._timeline = Timeline() if report is not None else None
        self._csv, self._report = csv, report
        self._emotions, self._model, self._title = tuple(emotions), model, title
        self._closing = ExitStack()

    def __enter__(self) -> Tables:
        """Open the table."""
        if self._rows is not None:
            self._closing.enter_context(self._rows)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        """Put both files in place."""
        self._closing.__exit__(kind, error, traceback)
        if kind is not None and not issubclass(kind, (KeyboardInterrupt, BrokenPipeError)):
            return
        if self._rows is not None:
            tell(f'{self._rows.rows} row{"" if self._rows.rows == 1 else "s"} in {self._csv}')
        if self._timeline is not None and self._report is not None:
            from emorec_vision.files.access import write_text
            from emorec_vision.reader.report_page import report_page
            facts = [f'model: {self._model}; {datetime.now():%Y-%m-%d %H:%M}']
            write_text(self._report, report_page(
                self._timeline, self._emotions, self._title, facts))
            tell(f'the page is in {self._report}')

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows as readings return them."""
        for row in rows:
            if self._rows is not None:
                self._rows.add(row)
            if self._timeline is not None:
                self._timeline.add(row, self._emotions)


class LiveTables:
    """The same of the messages of a live graph, whose emotions the first one names.

    Args:
        arguments: with csv, report, model and source.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._closing = ExitStack()
        self._tables: Tables | None = None
        if arguments.csv is not None:  # what is wrong with the name is told before the start
            self._begin(EMOTIONS)

    def __enter__(self) -> LiveTables:
        """Return the tables; the file is opened with the first message."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        """Put the files in place."""
        if self._tables is not None:
            self._closing.__exit__(kind, error, traceback)

    def add(self, message: Any) -> None:
        """Add the people of a PersonEmotionArray."""
        from emorec_cli.output.live_output import rows_of
        from emorec_ros.messages.labels import labels_of
        if self._arguments.csv is None and self._arguments.report is None:
            return
        if self._tables is None:
            self._tables = self._closing.enter_context(self._begin(labels_of(message)))
        self._tables.add(rows_of(message))

    def _begin(self, emotions: Sequence[str]) -> Tables:
        given = self._arguments
        return Tables(given.csv, given.report, emotions, given.model or 'the shipped one',
                      f'emorec live, {given.source}')
