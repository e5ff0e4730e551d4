# SPDX-License-Identifier: Apache-2.0
"""Write a row per face and image of a bag, a video or any other source into a table.

Needs no ROS: `.venv/bin/python examples/bag_to_csv.py bag:drive.mcap faces.csv`. `emorec watch
--source ... --csv ...` does the same; this is how a program of your own would.
"""

from pathlib import Path
import sys

from emorec_vision import EmotionReader
from emorec_vision import InputError
from emorec_vision.reader.row_file import RowFile
from emorec_vision.sources import open_source
from emorec_vision.stamps import NANOSECONDS


def main(name: str, table: str) -> None:
    """Read a source to its end."""
    reader = EmotionReader()
    with open_source(name) as source, reader.stream() as stream, \
            RowFile(Path(table), reader.emotions) as rows:
        while (frame := source.read()) is not None:
            for person in stream.add(frame.rgb, (frame.stamp or 0) / NANOSECONDS,
                                     depth=frame.depth, intrinsics=frame.intrinsics):
                rows.add(person.to_dict())
    print(f'{rows.rows} rows in {table}')


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(f'usage: {sys.argv[0]} SOURCE TABLE.csv')
    try:
        main(*sys.argv[1:])
    except InputError as error:
        sys.exit(f'{error}')
