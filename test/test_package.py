# SPDX-License-Identifier: Apache-2.0
"""What package.xml, setup.py, CMakeLists.txt, messages and sources say about each other."""
import ast
from collections.abc import Iterator
from importlib.metadata import PathDistribution
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree

from packaging.requirements import Requirement
import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ['emorec_cli', 'emorec_ros', 'emorec_service', 'emorec_training', 'emorec_vision']
EXTRAS = {'emorec_training': 'training', 'emorec_service': 'serve'}
"""List of requirements that only one room (and the command that starts it) needs, by room."""
QUANTITIES = {
    'float32', 'float64', 'uint32', 'builtin_interfaces/Duration', 'builtin_interfaces/Time',
    'geometry_msgs/Point', 'geometry_msgs/Vector3', 'sensor_msgs/Image',
    'sensor_msgs/RegionOfInterest', 'std_msgs/Header'}
"""Types of message fields that hold numbers."""
MESSAGES = sorted((ROOT / 'msg').glob('*.msg'))
SERVICES = sorted((ROOT / 'srv').glob('*.srv'))
ACTIONS = sorted((ROOT / 'action').glob('*.action'))
PACKAGE = ElementTree.parse(ROOT / 'package.xml').getroot()
# import name -> key of rosdep and name at PyPI (without ROS); '' where there is none
DECLARED = {
    'cv2': ('python3-opencv', 'opencv-contrib-python'),
    'filelock': ('python3-filelock', 'filelock'),
    'numpy': ('python3-numpy', 'numpy'),
    'onnxruntime': ('python3-onnxruntime-pip', 'onnxruntime'),
    'tqdm': ('python3-tqdm', 'tqdm'),
    'yaml': ('python3-yaml', 'PyYAML'),
}

# import name, the same at PyPI -> the list of requirements that has it; there is no rosdep key,
# and a missing one is told in one line where it is needed
WITHOUT_ROSDEP_KEY = {'rosbags': 'run', 'freenect': 'kinect'}


OPTIONAL = {'emorec_training': {'torch', 'sklearn', 'dlib'},
            'emorec_vision': {'PIL', 'pillow_heif', 'distributed'}}
"""What `train --engine torch`, `svm`, the reader of images and `watch --dask` use, by room, where
people installed it themselves."""


def requirement_names(name: str) -> set[str]:
    """Return the names of the packages in requirements/NAME.txt."""
    text = (ROOT / 'requirements' / f'{name}.txt').read_text()
    return set(re.findall(r'^([\w.-]+)', re.sub(r'#.*', '', text), re.MULTILINE))


def package_depends() -> set[str | None]:
    """Return everything that package.xml depends on at run time."""
    return {tag.text for name in ('depend', 'exec_depend') for tag in PACKAGE.findall(name)}


def third_party_imports(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (module, file) for every import of a package that is not ours nor Python's."""
    for path in sorted(folder.rglob('*.py')):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [str(node.module)]
            for module in {name.split('.')[0] for name in names}:
                if module not in sys.stdlib_module_names and module not in [*ROOMS, 'emorec']:
                    yield module, str(path.relative_to(ROOT))


@pytest.fixture(scope='module')
def metadata(tmp_path_factory: pytest.TempPathFactory) -> PathDistribution:
    """Return what setup.py tells pip."""
    folder = tmp_path_factory.mktemp('metadata')
    subprocess.run(
        [sys.executable, 'setup.py', '-q', 'egg_info', '--egg-base', str(folder)], cwd=ROOT,
        check=True, capture_output=True)
    return PathDistribution(folder / 'emorec.egg-info')


def test_all_version_strings_are_equal(metadata: PathDistribution) -> None:
    """package.xml, the pip metadata and the change log name one version."""
    version = PACKAGE.findtext('version')
    logged = re.search(r'\d+\.\d+\.\d+', (ROOT / 'CHANGELOG.rst').read_text())
    assert metadata.version == version
    assert logged is not None and logged[0] == version


def test_package_xml_is_a_message_package_of_format_3() -> None:
    """package.xml has what colcon, rosdep and the message generators need."""
    assert PACKAGE.get('format') == '3'
    assert PACKAGE.findtext('name') == 'emorec'
    assert PACKAGE.findtext('export/build_type') == 'ament_cmake'
    assert PACKAGE.findtext('member_of_group') == 'rosidl_interface_packages'
    assert PACKAGE.findtext('license') == 'Apache-2.0'
    assert 'Apache License' in (ROOT / 'LICENSE').read_text()


def test_package_xml_is_valid() -> None:
    """The reference parser of package.xml accepts ours without a warning."""
    catkin_pkg = pytest.importorskip('catkin_pkg.package')
    warnings: list[str] = []
    package = catkin_pkg.parse_package(str(ROOT / 'package.xml'), warnings=warnings)
    package.validate(warnings=warnings)
    assert warnings == []


def test_change_log_is_in_the_form_of_catkin() -> None:
    """The reference parser of change logs finds the section of what comes next."""
    tag_changelog = pytest.importorskip('catkin_pkg.cli.tag_changelog')
    change_log = (ROOT / 'CHANGELOG.rst').read_text()
    assert tag_changelog.get_forthcoming_label(change_log) == 'Forthcoming'


@pytest.mark.parametrize('path', MESSAGES + SERVICES + ACTIONS, ids=lambda path: path.stem)
def test_every_message_field_has_a_comment_and_every_quantity_a_unit(path: Path) -> None:
    """The unit, the range or the direction of a number stands in brackets in its comment.

    A uint8 is a constant, which its comment says.
    """
    comment = ''
    fields = 0
    for line in path.read_text().splitlines():
        if line.startswith('#'):
            comment += line[1:]
        elif '=' in line.split('#')[0] or not line or line == '---':
            comment = ''
        else:
            fields += 1
            kind = line.split()[0].split('[')[0]
            assert comment, f'{path.name}: {line} has no comment'
            assert 'no unit' not in comment
            assert kind not in QUANTITIES or re.search(r'\([^)]+\)', comment), f'{line}: no unit'
            assert kind != 'uint8' or 'constant' in comment, f'{line}: of what?'
    assert fields > 0


def test_every_message_is_built() -> None:
    """CMakeLists.txt names each file of msg/, srv/ and action/."""
    cmake = (ROOT / 'CMakeLists.txt').read_text()
    assert re.findall(r'msg/\w+\.msg', cmake) == [f'msg/{path.name}' for path in MESSAGES]
    assert re.findall(r'srv/\w+\.srv', cmake) == [f'srv/{path.name}' for path in SERVICES]
    assert re.findall(r'action/\w+\.action', cmake) == [
        f'action/{path.name}' for path in ACTIONS]


STUBS = """
foreach(name cmake_minimum_required project find_package rosidl_generate_interfaces install
        ament_export_dependencies configure_file ament_package)
  cmake_language(EVAL CODE "function(${name})\nendfunction()")
endforeach()
function(ament_python_install_package room)
  message(NOTICE ${room})
endfunction()
"""


@pytest.mark.parametrize('options, rooms', [
    ([], ['cli', 'ros', 'vision']),
    (['EMOREC_TRAINING'], ['cli', 'ros', 'training', 'vision']),
    (['EMOREC_SERVICE', 'EMOREC_TRAINING'], ['cli', 'ros', 'service', 'training', 'vision']),
])
def test_a_robot_gets_training_and_service_only_when_it_asks(
        options: list[str], rooms: list[str], tmp_path: Path) -> None:
    """CMakeLists.txt, run with commands that do nothing but name the rooms installed."""
    cmake = shutil.which('cmake', path=f'{Path(sys.executable).parent}:{os.environ["PATH"]}')
    if cmake is None:
        pytest.skip('cmake is not installed')
    script = tmp_path / 'stubs.cmake'
    script.write_text(f'{STUBS}include("{ROOT}/CMakeLists.txt")\n')
    run = subprocess.run(
        [cmake, *(f'-D{option}=ON' for option in options), '-P', str(script)],
        capture_output=True, text=True, check=True)
    assert sorted(run.stderr.split()) == [f'emorec_{room}' for room in rooms]


@pytest.mark.parametrize('room', ROOMS)
def test_every_import_is_declared(room: str) -> None:
    """Each imported package is in package.xml, and in run.txt where pip has it.

    What the list of another room has is for that room, and for the command that starts it.
    """
    depends = package_depends()
    run = requirement_names('run')
    only = {home: requirement_names(extra) for home, extra in EXTRAS.items()}
    for home, names in OPTIONAL.items():
        only.setdefault(home, set()).update(names)
    for module, path in third_party_imports(ROOT / room):
        homes = [home for home, names in only.items() if {module, f'{module}-cpu'} & names]
        if homes:
            assert room in [*homes, 'emorec_cli'], f'{path} imports {module}'
            continue
        if module in WITHOUT_ROSDEP_KEY:
            assert module in requirement_names(WITHOUT_ROSDEP_KEY[module]), path
            continue
        rosdep_key, pip_name = DECLARED.get(module, (module, ''))
        assert rosdep_key in depends, f'{path}: declare {module}'
        assert not pip_name or pip_name in run, f'{path}: {module} is not in run.txt'


@pytest.mark.parametrize('room, forbidden', [
    ('emorec_vision', {'rclpy', 'emorec', 'emorec_ros', 'emorec_training', 'keras'}),
    ('emorec_ros', {'emorec_cli', 'emorec_training', 'keras', 'tensorflow'}),
    ('emorec_training', {'rclpy', 'emorec', 'emorec_ros', 'emorec_cli'}),
    ('emorec_service', {'rclpy', 'emorec', 'emorec_ros', 'emorec_cli', 'emorec_training'}),
])
def test_rooms_import_one_way(room: str, forbidden: set[str]) -> None:
    """No room imports what docs/architecture.md forbids it."""
    for path in sorted((ROOT / room).rglob('*.py')):
        imported = set(re.findall(r'^\s*(?:from|import) (\w+)', path.read_text(), re.MULTILINE))
        assert not imported & forbidden, path


@pytest.mark.parametrize('room', ROOMS)
def test_no_sub_packages_import_each_other_in_a_circle(room: str) -> None:
    """Inside a room imports point one way, too: between sub-packages and single files."""
    imports: dict[str, set[str]] = {}
    for path in sorted((ROOT / room).rglob('*.py')):
        home = path.relative_to(ROOT / room).with_suffix('').parts[0]
        imports.setdefault(home, set()).update(
            (module or name).split('.')[0] for module, name in re.findall(
                rf'^\s*from {room}(?:\.([\w.]+))? import (\w+)', path.read_text(), re.MULTILINE))
    while imports:
        leaves = [home for home, used in imports.items() if not used & imports.keys() - {home}]
        assert leaves, f'a circle among {sorted(imports)}'
        for leaf in leaves:
            del imports[leaf]


@pytest.mark.parametrize('extra', ['training', 'serve', 'kinect', 'test'])
def test_extras_of_pip_are_the_requirements(metadata: PathDistribution, extra: str) -> None:
    """setup.py offers each list of requirements/ as an extra of the same name."""
    offered = [line for line in metadata.requires or [] if f'extra == "{extra}"' in line]
    names = {re.split(r'[\[=; ]', line)[0] for line in offered}
    assert names == requirement_names(extra)


def test_pip_installs_without_the_ros_wheels(metadata: PathDistribution) -> None:
    """The pip package needs what run.txt lists, in ranges around it, and nothing of ROS 2."""
    needed = {each.name: each.specifier for each in map(Requirement, metadata.requires or [])
              if 'extra' not in str(each.marker)}
    lines = (ROOT / 'requirements' / 'run.txt').read_text().splitlines()
    run = [Requirement(line) for line in lines
           if line and not line.startswith('#')]
    assert needed.keys() == {each.name for each in run}
    assert not any(name.startswith('ros-') for name in needed)
    for each in run:
        pinned, = each.specifier
        assert needed[each.name].contains(pinned.version), each


@pytest.mark.parametrize('distribution', ['jazzy', 'kilted'])
def test_the_wheels_of_a_distribution_have_what_the_nodes_need(distribution: str) -> None:
    """Each ROS package of package.xml, except those that nodes go without."""
    wheels = requirement_names(f'ros-{distribution}')
    on_the_robot_only = {'cv_bridge', 'hri_msgs', 'launch', 'launch_ros', 'ros2launch', 'tf2_msgs'}
    needed = {name for name in package_depends() - on_the_robot_only if name
              and not name.startswith('python3-') and name != 'libfreenect-dev'}
    assert {f'ros-{name.replace("_", "-")}' for name in needed} <= wheels


def test_pip_installs_the_data_files_of_every_room(tmp_path: Path) -> None:
    """What stands in a room beside its Python files is in the pip package too."""
    subprocess.run(
        [sys.executable, 'setup.py', '-q', 'egg_info', '--egg-base', str(tmp_path), 'build_py',
         '--build-lib', str(tmp_path / 'lib')], cwd=ROOT, check=True, capture_output=True)
    data = {path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob('*.*')
            if path.suffix not in ('.py', '.pyc') and not path.name.startswith('.')}
    assert Path('emorec_vision/sources/demo/portrait.jpg') in data
    assert Path('emorec_training/data/overlap/leaked_rows.csv') in data
    assert [path for path in data if not (tmp_path / 'lib' / path).exists()] == []


def test_make_help_lists_every_target() -> None:
    """Each with what it does."""
    if shutil.which('make') is None:
        pytest.skip('make is not installed')
    phony = re.search(r'^\.PHONY: (.*)', (ROOT / 'Makefile').read_text(), re.MULTILINE)
    listed = subprocess.run(['make', '-C', str(ROOT), '--no-print-directory', 'help'],
                            capture_output=True, text=True, check=True).stdout
    assert phony is not None
    assert re.findall(r'^  make (\w+)  +\S', listed, re.MULTILINE) == phony[1].split()


def test_make_clean_leaves_an_environment_that_the_set_up_did_not_make(tmp_path: Path) -> None:
    """A .venv without the mark of tools/setup.sh is somebody's own."""
    if shutil.which('make') is None:
        pytest.skip('make is not installed')
    shutil.copy(ROOT / 'Makefile', tmp_path)
    venv = tmp_path / '.venv'
    venv.mkdir()
    clean = ['make', '-C', str(tmp_path), 'clean']
    refused = subprocess.run(clean, capture_output=True, text=True, check=False)
    assert refused.returncode != 0 and 'was not made by this Makefile' in refused.stderr
    assert venv.exists()
    (venv / '.emorec').touch()
    subprocess.run(clean, check=True, capture_output=True)
    assert not venv.exists()
    subprocess.run(clean, check=True, capture_output=True)
