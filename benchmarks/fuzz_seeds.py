# SPDX-License-Identifier: Apache-2.0
"""Small sound files of every kind that emorec reads, and what can be wrong with a file."""

import os
from pathlib import Path
import random
import re
import shutil
import socket
import tempfile

import cv2
from emorec_vision.emotion.model import model_path
from emorec_vision.people.model import write_model
from emorec_vision.sources import Frame
from emorec_vision.sources.demo.portrait import load_portrait
from emorec_vision.sources.demo.source import DemoSource
from emorec_vision.sources.recording.writer import RecordingWriter
import numpy as np
from rosbags.rosbag2 import StoragePlugin
from rosbags.rosbag2 import Writer
from rosbags.typesys import get_typestore
from rosbags.typesys import Stores
import yaml

SIZE = (96, 72)
FRAMES = 4
HUGE = [b'9' * 400, b'9' * 5000, b'-1', b'1e999', b'NaN', b'0', b'4294967295',
        b'9223372036854775807000']
BRACKETS = [b'[' * 100_000, b'{"a":' * 100_000, b'"' * 999]
NUMBER = re.compile(rb'\d+')
IMAGES = ('.png', '.jpg', '.bmp', '.tiff', '.webp', '.ppm', '.gif', '.avif', '.jp2', '.hdr')


def write_seeds(folder: Path) -> dict[str, list[Path]]:
    """Write the sound files and return them by kind."""
    seeds = {'image': _images(folder / 'image'), 'video': _videos(folder / 'video'),
             'bag': _bags(folder / 'bag'), 'recording': _recordings(folder / 'recording'),
             'model': [folder / 'model.onnx'], 'people': [folder / 'people'],
             'calibration': [folder / 'calibration.yaml']}
    shutil.copy(model_path(''), seeds['model'][0])
    portrait = cv2.cvtColor(load_portrait(), cv2.COLOR_RGB2GRAY)
    face = cv2.resize(portrait, (150, 150), interpolation=cv2.INTER_AREA)
    for name, photo in (('Ann', face), ('Bob', face[::-1])):
        (folder / 'people' / name).mkdir(parents=True)
        for number in range(2):
            cv2.imwrite(str(folder / 'people' / name / f'{number}.png'), photo - 9 * number)
    write_model(folder / 'people', 0.01, 'lbph')
    numbers = [90.0, 0.0, 48.0, 0.0, 90.0, 36.0, 0.0, 0.0, 1.0]
    (folder / 'calibration.yaml').write_text(yaml.safe_dump({
        'image_width': SIZE[0], 'image_height': SIZE[1],
        'camera_matrix': {'rows': 3, 'cols': 3, 'data': numbers},
        'distortion_coefficients': {'rows': 1, 'cols': 5, 'data': [0.0] * 5}}))
    return seeds


def _frames() -> list[Frame]:
    """Return the demo scene, shrunk."""
    frames = []
    with DemoSource() as source:
        for number in range(FRAMES):
            frame = source.read()
            assert frame is not None and frame.depth is not None
            depth = cv2.resize(frame.depth, SIZE, interpolation=cv2.INTER_NEAREST)
            frames.append(Frame(cv2.resize(frame.rgb, SIZE), number * 10**8, depth,
                                frame.intrinsics))
    return frames


def _images(folder: Path) -> list[Path]:
    """Write images of all formats that OpenCV writes, with alpha, 16 bit and floats too."""
    folder.mkdir(parents=True)
    rgb = cv2.resize(load_portrait(), SIZE)
    alpha = np.dstack([rgb, np.full(rgb.shape[:2], 200, np.uint8)])
    written = {f'plain{suffix}': rgb for suffix in IMAGES if cv2.haveImageWriter(f'a{suffix}')}
    written |= {'alpha.png': alpha, 'alpha.webp': alpha,
                'deep.png': rgb.astype(np.uint16) * 16, 'float.tiff': (rgb / 255).astype('f4')}
    written |= {'float_alpha.tiff': (alpha / 255).astype('f4'), 'portrait.jpg': load_portrait()}
    written['plain.pgm'] = rgb[..., 0]
    for name, pixels in written.items():
        if name.endswith('.hdr'):
            pixels = (pixels / 255).astype('f4')
        cv2.imwrite(str(folder / name), pixels)
    return sorted(folder.iterdir())


def _videos(folder: Path) -> list[Path]:
    """Write short videos."""
    folder.mkdir()
    for name, code in (('a.avi', 'MJPG'), ('b.mp4', 'mp4v'), ('c.mkv', 'MJPG')):
        video = cv2.VideoWriter(str(folder / name), cv2.VideoWriter_fourcc(*code), 10, SIZE)
        for frame in _frames():
            video.write(frame.rgb[..., ::-1])
        video.release()
    return sorted(folder.iterdir())


def _recordings(folder: Path) -> list[Path]:
    """Write a recording as `emorec record` does, and a dump of a Kinect."""
    folder.mkdir()
    writer = RecordingWriter(folder / 'own', 0, None)
    for frame in _frames():
        writer.add(frame, frame.stamp or 0)
    writer.close()
    dump = folder / 'dump'
    dump.mkdir()
    names = []
    for number in range(3):
        for kind, suffix, head, pixel in (('r', 'ppm', b'P6', 3), ('d', 'pgm', b'P5', 2)):
            names.append(f'{kind}-1.{number}-{number * 2_000_000}.{suffix}')
            top = b'65535' if kind == 'd' else b'255'
            (dump / names[-1]).write_bytes(b'%s 640 480 %s\n' % (head, top)
                                           + bytes(640 * 480 * pixel))
    (dump / 'INDEX.txt').write_text('\n'.join(names) + '\n')
    return [folder / 'own', dump]


def _bags(folder: Path) -> list[Path]:
    """Write bags of both storages."""
    folder.mkdir()
    store = get_typestore(Stores.ROS2_JAZZY)
    image, compressed, header, time = (store.types[name] for name in (
        'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage', 'std_msgs/msg/Header',
        'builtin_interfaces/msg/Time'))
    for name, plugin in (('mcap', StoragePlugin.MCAP), ('sqlite', StoragePlugin.SQLITE3)):
        with Writer(folder / name, version=9, storage_plugin=plugin) as bag:
            topics = [bag.add_connection(topic, kind.__msgtype__, typestore=store)
                      for topic, kind in (('/camera/rgb/image_raw', image),
                                          ('/camera/depth_registered/image_raw', image),
                                          ('/other/image_raw/compressed', compressed))]
            for frame in _frames():
                stamp = frame.stamp or 0
                head = header(time(5, stamp), 'camera')
                assert frame.depth is not None
                jpeg = cv2.imencode('.jpg', frame.rgb)[1].ravel()
                for topic, message in zip(topics, (
                        image(head, SIZE[1], SIZE[0], 'rgb8', 0, SIZE[0] * 3, frame.rgb.ravel()),
                        image(head, SIZE[1], SIZE[0], '16UC1', 0, SIZE[0] * 2,
                              frame.depth.view(np.uint8).ravel()),
                        compressed(head, 'jpeg', jpeg))):
                    bag.write(topic, 5 * 10**9 + stamp,
                              store.serialize_cdr(message, message.__msgtype__))
    return sorted(folder.iterdir())


def damage(path: Path, rng: random.Random) -> str:
    """Damage a file, or one in a folder, and say in a word what was done."""
    if path.is_dir():
        path = rng.choice(sorted(each for each in path.rglob('*') if each.is_file()))
    if rng.random() < 0.06:
        return _replace(path, rng)
    data = bytearray(path.read_bytes() or rng.randbytes(4))
    kinds = ['flip', 'flip', 'header', 'cut', 'delete', 'insert', 'fill', 'number', 'double']
    kind = rng.choice([*kinds, 'brackets'] if len(data) < 20_000 else kinds)
    place = rng.randrange(len(data) + 1)
    end = min(len(data), place + rng.choice([1, 4, 16, 200, 4000]))
    if kind in ('flip', 'header'):
        for _ in range(rng.choice([1, 3, 20])):
            spot = rng.randrange(min(len(data), 300) if kind == 'header' else len(data))
            data[spot] = rng.randrange(256)
    elif kind == 'cut':
        del data[place:]
    elif kind == 'delete':
        del data[place:end]
    elif kind == 'insert':
        data[place:place] = rng.randbytes(rng.choice([1, 4, 100]))
    elif kind == 'fill':
        data[place:end] = bytes([rng.choice([0, 255, 127])]) * (end - place)
    elif kind == 'double':
        data[place:place] = data[place:end] * rng.choice([1, 50])
    elif kind == 'brackets':
        data[place:end] = rng.choice(BRACKETS)
    elif found := list(NUMBER.finditer(bytes(data[:100_000]))):
        number = rng.choice(found)
        data[number.start():number.end()] = rng.choice(HUGE)
    path.write_bytes(data)
    return f'{kind} in {path.name}'


def _replace(path: Path, rng: random.Random) -> str:
    """Put something else in the place of a file."""
    path.unlink()
    kind = rng.choice(['pipe', 'folder', 'socket', 'device', 'loop', 'nothing', 'empty'])
    if kind == 'pipe':
        os.mkfifo(path)
    elif kind == 'folder':
        path.mkdir()
    elif kind == 'socket':
        with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as end:
            end.bind(f'{short}/s')
            shutil.move(f'{short}/s', path)
    elif kind in ('device', 'loop'):
        path.symlink_to('/dev/zero' if kind == 'device' else path.name)
    elif kind == 'empty':
        path.touch()
    return f'{kind} for {path.name}'
