# SPDX-License-Identifier: Apache-2.0
"""The library as it is installed by pip, and what is said of it."""

import os
from pathlib import Path
import runpy
import shutil
import subprocess
import sys
import sysconfig

from emorec_vision.sources.demo.portrait import load_portrait
import pytest

ROOT = Path(__file__).resolve().parent.parent
THREE_LINES = """
import sys
from emorec_vision import EmotionReader, InputError
import emorec_vision
assert emorec_vision.__file__.startswith(sys.argv[2]), emorec_vision.__file__
for face in EmotionReader(people=None).read(sys.argv[1]):
    print(face.emotion)
"""


@pytest.fixture(scope='module')
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment with a wheel of emorec, and without its sources."""
    folder = tmp_path_factory.mktemp('installed')
    sources = folder / 'sources'
    shutil.copytree(ROOT, sources, ignore=lambda place, names: [
        name for name in names if name.startswith('.') or Path(place) == ROOT and name in (
            'build', 'install', 'log', 'test', 'docs', 'benchmarks')])
    subprocess.run([sys.executable, 'setup.py', '-q', 'bdist_wheel', '-d', str(folder)],
                   cwd=sources, check=True, capture_output=True)
    shutil.rmtree(sources)
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', str(folder / 'env')],
                   check=True)
    place, = (folder / 'env').rglob('site-packages')
    (place / 'others.pth').write_text(sysconfig.get_paths()['purelib'] + '\n')
    wheel, = folder.glob('*.whl')
    subprocess.run([sys.executable, '-m', 'pip', 'install', '-q', '--no-deps', '--no-index',
                    '--ignore-installed', '--prefix', str(folder / 'env'), str(wheel)],
                   check=True, capture_output=True)
    return folder / 'env' / 'bin' / 'python'


def test_a_wheel_reads_an_image_in_three_lines(installed: Path, tmp_path: Path) -> None:
    """With the shipped model, without a warning and without the repository."""
    from PIL import Image
    Image.fromarray(load_portrait()).save(tmp_path / 'face.png')
    done = subprocess.run(
        [installed, '-W', 'error', '-c', THREE_LINES, tmp_path / 'face.png',
         installed.parents[1]], cwd=tmp_path, capture_output=True, text=True,
        env={key: value for key, value in os.environ.items()
             if key not in ('PYTHONPATH', 'AMENT_PREFIX_PATH')})
    assert (done.stdout, done.stderr, done.returncode) == ('Happy\n', '', 0)


def test_a_wheel_has_the_marker_of_types(installed: Path) -> None:
    """So that mypy reads the annotations of the installed package."""
    assert len(list(installed.parents[1].rglob('emorec_vision/py.typed'))) == 1


def test_nothing_heavy_is_imported_before_it_is_asked_for() -> None:
    """`import emorec_vision` alone loads neither numpy nor OpenCV."""
    done = subprocess.run(
        [sys.executable, '-c', 'import sys, emorec_vision\n'
         'print(sorted({"numpy", "cv2", "onnxruntime", "yaml", "rosbags"} & set(sys.modules)))'],
        cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == '[]\n'


def test_the_page_of_names_is_that_of_the_docstrings() -> None:
    """As `.venv/bin/python tools/api_page.py` writes it."""
    page = runpy.run_path(str(ROOT / 'tools' / 'api_page.py'))['page']
    assert (ROOT / 'docs' / 'api.md').read_text() == page()
