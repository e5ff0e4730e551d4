# SPDX-License-Identifier: Apache-2.0
"""Launch the live pipeline of emorec in the processes that `emorec_ros.graph` describes.

    ros2 launch emorec live.launch.py source:=webcam:0 rviz:=true
    ros2 launch emorec live.launch.py --show-args

A process that crashes is started again at once; where it crashed soon after its start, after
0.5 s, doubling to 10 s while it does. One that has finished (exit code 0: a driver at the end of
its file) ends the launch with exit status 0, one that refuses its input (exit code 2) with 1, the
only error status that `ros2 launch` has.

Another camera, with depth or without: `source:=topics` starts no driver, and the nodes listen to
`camera/rgb/image_raw`, `camera/rgb/camera_info` and `camera/depth_registered/image_raw`, or to the
topics of the camera's own driver:

    ros2 launch emorec live.launch.py source:=topics color_topic:=/camera/camera/color/image_raw
        depth_topic:=/camera/camera/aligned_depth_to_color/image_raw

`source:=topics use_sim_time:=true` answers a bag that is played with `--clock`.
"""

import atexit
from collections.abc import Iterator
from contextlib import ExitStack
from math import isfinite
from pathlib import Path
from shutil import which
from time import monotonic

from emorec_ros.graph import config_folder
from emorec_ros.graph import GraphOptions
from emorec_ros.graph import LAYOUTS
from emorec_ros.graph import NODE_ENVIRONMENT
from emorec_ros.graph import parameter_file
from emorec_ros.graph import ProcessDescription
from emorec_ros.graph import processes
from emorec_ros.hri.installed import check_installed
from emorec_ros.personal.reading import ADAPT
from emorec_ros.run import dds
from emorec_ros.run import security
from emorec_ros.run.run_folder import remove_dead_folders
from emorec_ros.run.run_folder import run_folder
from emorec_ros.run.supervisor import Backoff
from emorec_ros.run.supervisor import in_words
from emorec_ros.runtime.process.exit_codes import BAD_INPUT
from emorec_ros.runtime.process.exit_codes import FINISHED
from emorec_ros.runtime.process.exit_codes import how_it_ended
from emorec_ros.runtime.process.watchdog import PULSE
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from emorec_vision.image_message.transport import DEPTH_TRANSPORTS
from emorec_vision.image_message.transport import TRANSPORTS
from emorec_vision.sources import SPECIFICATIONS
from launch import LaunchContext
from launch import LaunchDescription
from launch import LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument
from launch.actions import LogInfo
from launch.actions import OpaqueFunction
from launch.actions import PopLaunchConfigurations
from launch.actions import PushLaunchConfigurations
from launch.actions import RegisterEventHandler
from launch.actions import Shutdown
from launch.actions import TimerAction
from launch.event_handlers import OnProcessExit
from launch.events.process import ProcessExited
from launch.substitutions import PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare
from launch_ros.utilities import prefix_namespace

CONFIG = (FindPackageShare('emorec'), 'config')
TRUE_OR_FALSE = ['true', 'false']
DIE_WITH_LAUNCH = 'setpriv --pdeathsig TERM' if which('setpriv') else ''
"""By itself, launch leaves its processes behind when it is killed."""
RVIZ_TOPICS = ('annotated_image', 'markers')


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; the nodes follow once their values are known."""
    return LaunchDescription([
        DeclareLaunchArgument(
            'source', default_value='webcam',
            description=f'where the images come from: {SPECIFICATIONS} (a composed scene that '
                        'needs no camera), or topics, to start no driver and use a camera that '
                        'is already there'),
        DeclareLaunchArgument(
            'namespace', default_value='', description='namespace of the whole graph'),
        DeclareLaunchArgument(
            'params_file', default_value=PathJoinSubstitution([*CONFIG, 'emorec.yaml']),
            description='parameters of every node; arguments that are not empty win over it'),
        DeclareLaunchArgument(
            'model', default_value='',
            description='ONNX emotion model, or accurate for the shipped slower and better one; '
                        'empty: the one of the parameters file'),
        DeclareLaunchArgument(
            'adapt', default_value='', choices=['', *ADAPT],
            description='read each face against the same person at rest: off; rest: by what was '
                        'seen since the start; person: also by what is kept of known people; '
                        'empty: as the parameters file says'),
        DeclareLaunchArgument(
            'detector', default_value='',
            description='what finds faces: auto, yunet or haar; empty: the one of the '
                        'parameters file'),
        DeclareLaunchArgument(
            'detector_model', default_value='',
            description='ONNX file of YuNet, which then finds the faces'),
        DeclareLaunchArgument(
            'require_depth', default_value='', choices=['', *TRUE_OR_FALSE],
            description='drop faces that depth cannot tell anything about: no person without '
                        'depth; empty: as the parameters file says'),
        DeclareLaunchArgument(
            'color_topic', default_value='',
            description='colour images of another camera, for source:=topics; empty: '
                        'camera/rgb/image_raw. With source:=bag:PATH this, info_topic and '
                        'depth_topic are topics of the bag; empty: found by their names'),
        DeclareLaunchArgument(
            'info_topic', default_value='',
            description='its sensor_msgs/CameraInfo; empty: camera_info beside color_topic'),
        DeclareLaunchArgument(
            'depth_topic', default_value='',
            description='its depth, aligned to colour, 16UC1 mm or 32FC1 m; empty: '
                        'camera/depth_registered/image_raw'),
        DeclareLaunchArgument(
            'image_transport', default_value='', choices=['', *TRANSPORTS],
            description='compressed: receive the images of another camera as JPEG or PNG, from '
                        'the topic compressed below color_topic; empty: as the parameters file '
                        'says (raw)'),
        DeclareLaunchArgument(
            'depth_transport', default_value='', choices=['', *DEPTH_TRANSPORTS],
            description='likewise for its depth: raw, the topic compressedDepth or compressed '
                        '(PNG) below depth_topic, or auto: compressedDepth where '
                        'image_transport is compressed; empty: as the parameters file says '
                        '(auto)'),
        DeclareLaunchArgument(
            'people', default_value='',
            description='folder with a sub-folder of face images per known person; none: '
                        'everybody is unknown; empty: the one of the parameters file'),
        DeclareLaunchArgument(
            'recognizer', default_value='', choices=['', 'auto', 'sface', 'lbph'],
            description='what tells the known people apart; auto: SFace where its weights are '
                        'installed, else LBPH; empty: the one of the parameters file'),
        DeclareLaunchArgument(
            'rate', default_value='',
            description='images per second of a file or of the demo, 0: a file as fast as it '
                        "is answered; empty: the source's own"),
        DeclareLaunchArgument(
            'record', default_value='',
            description='.mp4 file to write the annotated images to; empty: none'),
        DeclareLaunchArgument(
            'camera_name', default_value='camera',
            description='prefix of the frames of the camera: <camera_name>_rgb_optical_frame, '
                        'and <camera_name>_link'),
        DeclareLaunchArgument(
            'target_frame', default_value='',
            description='frame of the positions on /emotions, such as base_link, through the '
                        "package tf2_ros; empty: the camera's"),
        DeclareLaunchArgument(
            'publish_tf', default_value='auto', choices=['auto', *TRUE_OR_FALSE],
            description='let the driver publish the transform from <camera_name>_link to '
                        '<camera_name>_rgb_optical_frame, unless somebody else does already; '
                        'auto: for a viewer such as rviz, otherwise as the parameters file says '
                        "(false), since a robot's URDF may hold these frames"),
        DeclareLaunchArgument(
            'processes', default_value='one', choices=LAYOUTS,
            description='one: a process for all nodes between the camera and /emotions; each: '
                        'one for each node'),
        DeclareLaunchArgument(
            'use_sim_time', default_value='false', choices=TRUE_OR_FALSE,
            description='take the time from /clock, as for a bag played with --clock'),
        DeclareLaunchArgument(
            'lazy', default_value='false', choices=TRUE_OR_FALSE,
            description='work, and open the camera, only while somebody subscribes to what is '
                        'published'),
        DeclareLaunchArgument(
            'rviz', default_value='false', choices=TRUE_OR_FALSE,
            description='show the annotated images and the people in 3-D in rviz2'),
        DeclareLaunchArgument(
            'visualizer', default_value='false', choices=TRUE_OR_FALSE,
            description='publish the annotated images and the markers for a viewer on another '
                        'machine, without rviz2 on this one; with rviz they are there anyway'),
        DeclareLaunchArgument(
            'web', default_value='',
            description='port of a page in the browser, on this machine only, that shows and '
                        'controls all this (docs/dashboard.md); its address is printed; needs '
                        'the service extra; empty: none'),
        DeclareLaunchArgument(
            'hri', default_value='false', choices=TRUE_OR_FALSE,
            description='publish faces, persons, expressions and engagement for ROS4HRI below '
                        '/humans (REP 155); needs the package hri_msgs'),
        DeclareLaunchArgument(
            'secure', default_value='false', choices=TRUE_OR_FALSE,
            description='talk only to those who have a certificate, and encrypted: each process '
                        'in its enclave of ROS_SECURITY_KEYSTORE (docs/security.md)'),
        OpaqueFunction(function=start_graph)])


def start_graph(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the actions that start the graph as the arguments ask for.

    Raises:
        InputError: if the value of an argument does not fit; launch shows its line.
    """
    arguments = context.launch_configurations
    options = graph_options(arguments)
    params_file = expand(arguments['params_file'])
    if not params_file.is_file():
        raise InputError(f'params_file {params_file} does not exist')
    remove_dead_folders()
    cleanup = ExitStack()
    atexit.register(cleanup.close)
    folder = cleanup.enter_context(run_folder('emorec_launch_'))
    use_sim_time = arguments['use_sim_time'] == 'true'
    dds.remove_dead_segments()
    size = dds.segment_size()
    environment = dds.launched_environment(
        config_folder() / 'fastdds.xml', folder, context.environment, size)
    actions: list[LaunchDescriptionEntity] = [LogInfo(msg=dds.SMALL_MEMORY)] * (
        bool(environment) and size < dds.FULL_SEGMENT)
    if arguments['secure'] == 'true':
        environment.update(secured(arguments, context, options))
    more = {'use_sim_time': True} if use_sim_time else {}
    described = processes(options)
    environments = dds.environments(
        {**NODE_ENVIRONMENT, PULSE: '', **environment}, len(described), folder / 'fastdds.xml',
        context.environment.get('ROS_DOMAIN_ID', ''))
    for process in described:
        files = [params_file]
        for node in process.nodes:
            files.append(folder / f'{node.executable}.yaml')
            files[-1].write_text(parameter_file(node, **more))
        actions += KeptProcess(process, files, dict(arguments), environments).start()
    if arguments['rviz'] == 'true':
        actions += rviz(options, use_sim_time, environment)
    return actions


def graph_options(arguments: dict[str, str]) -> GraphOptions:
    """Return the launch arguments as options of the graph.

    Raises:
        InputError: if one does not fit.
    """
    if arguments['source'] == 'auto':
        raise InputError('source:=auto is for `emorec live` only: a robot never takes the demo '
                         f'by itself; give {SPECIFICATIONS}, or topics')
    try:
        rate = float(arguments['rate']) if arguments['rate'] else None
    except ValueError:
        rate = -1.0
    if rate is not None and not (isfinite(rate) and rate >= 0):
        raise InputError(f'rate:={arguments["rate"]} is not a number of 0 or more')
    if arguments['web'] and not (arguments['web'].isdecimal() and int(arguments['web']) < 65536):
        raise InputError(f'web:={arguments["web"]} is no port: give 0 to 65535')
    if arguments['hri'] == 'true':
        check_installed()
    namespace = prefix_namespace(
        arguments.get('ros_namespace'), arguments['namespace'].rstrip('/'))
    return GraphOptions(
        source=arguments['source'], namespace=(namespace or '').strip('/'),
        people=arguments['people'], recognizer=arguments['recognizer'],
        model=arguments['model'], adapt=arguments['adapt'], rate=rate,
        record=arguments['record'],
        visualizer='true' in (arguments['visualizer'], arguments['rviz']),
        hri=arguments['hri'] == 'true', web=int(arguments['web']) if arguments['web'] else None,
        processes=arguments['processes'], camera_name=arguments['camera_name'],
        target_frame=arguments['target_frame'],
        publish_tf=true_or_false(arguments['publish_tf']),
        color_topic=arguments['color_topic'], info_topic=arguments['info_topic'],
        depth_topic=arguments['depth_topic'],
        image_transport=arguments['image_transport'],
        depth_transport=arguments['depth_transport'], detector=arguments['detector'],
        detector_model=arguments['detector_model'],
        require_depth=true_or_false(arguments['require_depth']),
        lazy=arguments['lazy'] == 'true')


def secured(arguments: dict[str, str], context: LaunchContext, options: GraphOptions
            ) -> dict[str, str]:
    """Return the variables of processes that are in their enclaves.

    Raises:
        InputError: if they cannot be.
    """
    if arguments['rviz'] == 'true':
        raise InputError('rviz:=true has no enclave: with secure:=true take visualizer:=true, and '
                         'start rviz2 yourself in an enclave of its own')
    return security.security_environment(
        context.environment, [process.executable for process in processes(options)])


def true_or_false(text: str) -> bool | None:
    """Return what an argument says, None where it says neither."""
    return {'true': True, 'false': False}.get(text)


def absolute(*names: str) -> str:
    """Join names to one that starts with a slash, without the empty ones."""
    return '/' + '/'.join(name for name in names if name)


class KeptProcess:
    """A process that is started again when it crashes, and ends the launch when it finishes.

    The rules are those of emorec_ros.run.supervisor; Node(respawn=True) restarts after any exit.
    """

    def __init__(
        self, description: ProcessDescription, params_files: list[Path],
        configurations: dict[str, str], environments: Iterator[dict[str, str]]
    ) -> None:
        self._description = description
        self._params_files = params_files
        self._configurations = configurations
        self._environments = environments
        self._backoff = Backoff()
        self._started = 0.0

    def start(self) -> list[LaunchDescriptionEntity]:
        """Return the actions that start the process and watch it."""
        self._started = monotonic()
        name = self._description.executable
        own_prefix = self._configurations.get('launch-prefix')
        node = Node(
            package='emorec', executable=name, exec_name=name, output='screen',
            prefix=None if own_prefix else DIE_WITH_LAUNCH,
            namespace=absolute(self._description.namespace), parameters=self._params_files,
            remappings=list(self._description.remappings.items()),
            ros_arguments=['--enclave', security.enclave(name)] * (
                self._configurations['secure'] == 'true'),
            additional_env=next(self._environments))
        return [RegisterEventHandler(OnProcessExit(
            target_action=node, on_exit=self._on_exit, handle_once=True)), node]

    def _on_exit(
        self, event: ProcessExited, context: LaunchContext
    ) -> list[LaunchDescriptionEntity] | None:
        name = self._description.executable
        if context.is_shutdown:
            return None
        if event.returncode == FINISHED:
            return [Shutdown(reason=f'{name} has finished')]
        if event.returncode == BAD_INPUT:
            raise InputError(f'{name} refuses its input, see its line above')
        delay = self._backoff.delay(monotonic() - self._started)
        return [
            LogInfo(msg=f'{name} ended with {how_it_ended(event.returncode)}; {in_words(delay)}'),
            TimerAction(period=delay, actions=[OpaqueFunction(function=self._restart)])]

    def _restart(self, _context: LaunchContext) -> list[LaunchDescriptionEntity]:
        # A group that remaps or sets parameters for this launch file is over by now.
        return [PushLaunchConfigurations(), OpaqueFunction(function=self._restore),
                *self.start(), PopLaunchConfigurations()]

    def _restore(self, context: LaunchContext) -> None:
        context.launch_configurations.update(self._configurations)


def rviz(
    options: GraphOptions, use_sim_time: bool, environment: dict[str, str]
) -> list[LaunchDescriptionEntity]:
    """Return rviz2 with its layout."""
    return [Node(
        package='rviz2', executable='rviz2', output='screen',
        parameters=[{'use_sim_time': use_sim_time}], additional_env=environment,
        arguments=['-d', PathJoinSubstitution([*CONFIG, 'emorec.rviz']),
                   '-f', f'{options.camera_name}_link'],
        remappings=[(f'/{topic}', absolute(options.namespace, topic)) for topic in RVIZ_TOPICS])]
