# SPDX-License-Identifier: Apache-2.0
"""Bags with lost, compressed or foreign files are played as far as they are there."""

from pathlib import Path
import shutil

from bags import Bag
from bags import COLOUR
from bags import STEP
from bags import StoragePlugin
from emorec_vision.errors import InputError
from emorec_vision.sources import open_source
from emorec_vision.sources.bag.storage import zstandard
import numpy as np
import pytest
import yaml


def write_split(folder: Path, plugin: StoragePlugin = StoragePlugin.SQLITE3,
                parts: int = 3) -> list[Path]:
    """Write a bag of several parts of two images each; return their files."""
    files = []
    folder.mkdir()
    for part in range(parts):
        bag = Bag(folder.parent / f'part{part}', plugin)
        for number in range(2 * part, 2 * part + 2):
            bag.image('/rgb/image_raw', COLOUR + np.uint8(number), 'rgb8', number * STEP)
        bag.close()
        source, = (file for file in bag.path.iterdir() if file.suffix != '.yaml')
        files.append(folder / f'bag_{part}{source.suffix}')
        shutil.move(source, files[-1])
    content = yaml.safe_load((folder.parent / 'part0' / 'metadata.yaml').read_text())
    content['rosbag2_bagfile_information']['relative_file_paths'] = [file.name for file in files]
    (folder / 'metadata.yaml').write_text(yaml.safe_dump(content))
    return files


def play(path: Path) -> tuple[list[int], list[str]]:
    """Return which images are played, and what is told beside that."""
    with open_source(f'bag:{path}') as source:
        numbers = []
        while (frame := source.read()) is not None:
            numbers.append(int((frame.rgb - COLOUR)[0, 0, 0]))
        return numbers, [line for line in source.take_warnings() if ': playing /' not in line]


def pack(file: Path, cut: int | None = None) -> Path:
    """Compress a file, or a part of it, in its place."""
    packed = file.with_name(file.name + '.zstd')
    packed.write_bytes(zstandard().compress(file.read_bytes())[:cut])
    file.unlink()
    return packed


@pytest.mark.parametrize('plugin', StoragePlugin, ids=lambda plugin: plugin.name)
def test_a_split_bag_is_played_as_one(plugin, tmp_path):
    write_split(tmp_path / 'bag', plugin)
    assert play(tmp_path / 'bag') == ([0, 1, 2, 3, 4, 5], [])


def test_a_lost_part_is_named_and_the_rest_is_played(tmp_path):
    files = write_split(tmp_path / 'bag')
    files[1].unlink()
    numbers, (line,) = play(tmp_path / 'bag')
    assert numbers == [0, 1, 4, 5]
    assert 'bag_1.db3' in line and 'missing' in line
    for file in (files[0], files[2]):
        file.unlink()
    with pytest.raises(InputError, match='bag_0.db3, bag_1.db3, bag_2.db3 .*missing'):
        play(tmp_path / 'bag')


@pytest.mark.parametrize('content', [b'', b'no database'])
def test_a_part_that_cannot_be_opened_is_named_and_the_rest_is_played(content, tmp_path):
    files = write_split(tmp_path / 'bag')
    files[1].write_bytes(content)
    numbers, (line,) = play(tmp_path / 'bag')
    assert numbers == [0, 1, 4, 5]
    assert 'bag_1.db3 cannot be read: playing the rest' in line


@pytest.mark.parametrize('with_metadata', [True, False])
def test_compressed_files_are_played(with_metadata, tmp_path):
    files = [pack(file) for file in write_split(tmp_path / 'bag')]
    if not with_metadata:
        (tmp_path / 'bag' / 'metadata.yaml').unlink()
    numbers, told = play(tmp_path / 'bag')
    assert numbers == [0, 1, 2, 3, 4, 5]
    assert len(told) == (not with_metadata)
    assert play(files[1]) == ([2, 3], [])


def test_a_compressed_file_that_breaks_off_is_told(tmp_path):
    file = pack(write_split(tmp_path / 'bag', parts=1)[0], cut=-30)
    with pytest.raises(InputError, match='no ROS 2 bag, or a damaged one') as refusal:
        play(file)
    assert '\n' not in str(refusal.value)


def test_files_of_the_finder_are_passed_over(tmp_path):
    files = write_split(tmp_path / 'bag')
    (tmp_path / 'bag' / 'metadata.yaml').unlink()
    foreign = files[0].with_name('._' + files[0].name)
    foreign.write_bytes(b'\x00\x05\x16\x07')
    numbers, told = play(tmp_path / 'bag')
    assert numbers == [0, 1, 2, 3, 4, 5]
    assert len(told) == 1 and 'no metadata.yaml' in told[0]
    with pytest.raises(InputError, match=r'macOS .* give .*bag_0\.db3'):
        play(foreign)


def test_damaged_metadata_hides_no_files(tmp_path):
    write_split(tmp_path / 'bag')
    (tmp_path / 'bag' / 'metadata.yaml').write_text('rosbag2_bagfile_information: [')
    numbers, (line,) = play(tmp_path / 'bag')
    assert numbers == [0, 1, 2, 3, 4, 5]
    assert 'damaged metadata.yaml' in line


@pytest.mark.parametrize('mode', ['MESSAGE', 'FILE'])
def test_bags_that_rosbag2_compressed_are_played(mode, tmp_path):
    bag = Bag(tmp_path / 'bag', StoragePlugin.SQLITE3, compression=mode)
    for number in range(3):
        bag.image('/rgb/image_raw', COLOUR + np.uint8(number), 'rgb8', number * STEP)
    bag.close()
    assert play(bag.path) == ([0, 1, 2], [])
    (bag.path / 'metadata.yaml').unlink()
    assert play(bag.path)[0] == [0, 1, 2]
