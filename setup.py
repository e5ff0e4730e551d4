# SPDX-License-Identifier: Apache-2.0
"""Metadata for pip, for use without ROS; in ROS 2, colcon reads CMakeLists.txt instead."""
from pathlib import Path
import re

from setuptools import find_packages
from setuptools import setup

ROOT = Path(__file__).parent
RANGES = ['filelock>=3.12', 'numpy>=2.0', 'onnxruntime>=1.20', 'opencv-contrib-python>=4.13,<5',
          'PyYAML>=6.0', 'rosbags>=0.11', 'tqdm>=4.60']
"""What the library needs, in versions with which test/vision passes: it has to live beside other
packages. `make` installs, and all tests run with, the exact versions of requirements/run.txt."""


def read_version() -> str:
    """Return the version that package.xml gives."""
    match = re.search(r'<version>(.+)</version>', (ROOT / 'package.xml').read_text())
    if match is None:
        raise ValueError('package.xml has no <version>')
    return match[1]


def read_requirements(name: str) -> list[str]:
    """Return the requirements of requirements/NAME.txt, without comments and ROS 2 wheels."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    requirements = [line.split('#')[0].strip() for line in lines]
    return [line for line in requirements if line and not line.startswith(('-', 'ros-'))]


setup(
    name='emorec',
    version=read_version(),
    description='Who is in front of a robot and which emotion they show',
    long_description=(ROOT / 'README.md').read_text(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=['emorec_*']),
    package_data={'emorec_vision': ['py.typed', 'sources/demo/*.jpg'],
                  'emorec_training': ['data/overlap/*.csv', 'networks/*.csv'],
                  'emorec_service.web': ['*.html'], 'emorec_service.dashboard': ['*.html']},
    install_requires=RANGES,
    extras_require={
        name: read_requirements(name) for name in ('training', 'serve', 'kinect', 'test')
    } | {'dask': ['distributed>=2025.1']},
    data_files=[('share/emorec/models', [str(path) for path in Path('models').glob('*.onnx')])],
    entry_points={'console_scripts': ['emorec = emorec_cli.main:main']},
)
