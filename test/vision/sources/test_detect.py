# SPDX-License-Identifier: Apache-2.0
"""A path alone is a source: what is there tells its kind."""

from pathlib import Path

from emorec_vision.sources.detect import with_kind
import pytest


@pytest.mark.parametrize('names, kind', [
    (['metadata.yaml', 'a.db3'], 'bag'), (['a.db3.zstd'], 'bag'), (['a.mcap'], 'bag'),
    (['INDEX.txt', 'r-1.0-2.ppm'], 'recording'), (['000_rgb.ppm', 'camera.json'], 'recording'),
    (['rgb.txt', 'depth.txt'], 'recording'), (['associations.txt'], 'recording'),
    (['rgb/1.png', 'depth/1.png'], 'recording'), (['a.jpg', 'camera.json'], 'recording'),
    (['a.jpg', 'b.png'], 'images'), (['._a.mcap', 'a.jpg'], 'images'), (['notes.txt'], ''),
    ([], '')])
def test_a_folder_is_what_it_holds(names, kind, tmp_path):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b'')
    assert with_kind(str(tmp_path)) == f'{kind}:{tmp_path}'.lstrip(':')


@pytest.mark.parametrize('name, kind', [
    ('a.mcap', 'bag'), ('a.db3', 'bag'), ('a.bag', 'bag'), ('a.mcap.zstd', 'bag'),
    ('a.MP4', 'video'), ('2024-05-01T12:30:05.mkv', 'video'), ('a.png', ''), ('a', '')])
def test_a_file_is_what_its_name_says(name, kind, tmp_path):
    path = tmp_path / name
    path.write_bytes(b'')
    assert with_kind(str(path)) == f'{kind}:{path}'.lstrip(':')


def test_the_topics_of_a_bag_may_follow_its_path(tmp_path):
    (tmp_path / 'a.mcap').write_bytes(b'')
    spec = f'{tmp_path}?colour=/a&depth=none'
    assert with_kind(spec) == f'bag:{spec}'


@pytest.mark.parametrize('spec', ['demo', 'webcam', 'images', 'nowhere', '', 'video:a'])
def test_names_of_sources_and_what_is_not_there_stay(spec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ('demo', 'webcam', 'images'):
        Path(name).mkdir()
        Path(name, 'a.png').write_bytes(b'')
    assert with_kind(spec) == spec


@pytest.mark.parametrize('address', ['rtsp://host/live', 'HTTP://host:8080/video'])
def test_an_address_is_a_network_camera(address: str) -> None:
    assert with_kind(address) == f'stream:{address}'
    assert with_kind(f'stream:{address}') == f'stream:{address}'
