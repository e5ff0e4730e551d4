# SPDX-License-Identifier: Apache-2.0
"""The nodes of a run with their parameters and remappings, once for both ways to run them.

`emorec live` starts the processes itself and `ros2 launch` through live.launch.py; both from here.
"""

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
import json
from pathlib import Path
import secrets
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.image_message.transport import AS_IMAGES
from emorec_vision.image_message.transport import base_topic
from emorec_vision.image_message.transport import depth_transport
from emorec_vision.image_message.transport import RAW
from emorec_vision.image_message.transport import transport_topic
from emorec_vision.model_files.shipped import shipped_file
from emorec_vision.sources import SPECIFICATIONS
from emorec_vision.sources.bag.names import KIND
from emorec_vision.sources.bag.names import with_names
from emorec_vision.sources.camera_names import kind_of
from emorec_vision.sources.camera_names import masked
from emorec_vision.sources.detect import with_kind

CAMERA = 'camera'
NODE_ENVIRONMENT = {'OPENBLAS_NUM_THREADS': '1', 'OMP_NUM_THREADS': '1'}
"""Environment of every node: idle threads of a numerical library would spin beside the others."""
CAMERA_TOPICS = ('rgb/image_raw', 'rgb/camera_info', 'depth_registered/image_raw')
LAYOUTS = ('one', 'each')
"""Of processes: one for the nodes of PIPELINE_NODES, or one for each node."""
PIPELINE_NODES = ('face_detector', 'emotion', 'identity', 'aggregator')
PATIENT_JOIN = 10.0
"""Seconds to wait for the results of a file's image: enough for a node that starts again."""
PATIENT_DEPTH = 0.2
"""Seconds to wait for the depth of a file's image, which is published before it."""
DASHBOARD_RATE = 12.0
"""Images a second, of any camera's rate, that are drawn for a dashboard."""
FILE_KINDS = ('video', 'images', 'recording', 'bag')
SOURCE_KINDS = ('kinect', 'webcam', 'stream', 'demo', *FILE_KINDS)


@dataclass(frozen=True)
class GraphOptions:
    """What to run; empty text leaves the value of the parameter file."""

    source: str = ''
    """one of SPECIFICATIONS, or 'topics' to start no driver"""
    namespace: str = ''
    """namespace of the whole graph"""
    people: str = ''
    """folder of the known people, or NOBODY of emorec_ros.runtime.words"""
    recognizer: str = ''
    """what tells the known people apart"""
    model: str = ''
    """ONNX emotion model"""
    adapt: str = ''
    """whether faces are read against the same person at rest, of ADAPT of
    emorec_ros.personal.reading"""
    detector_model: str = ''
    """ONNX file of YuNet, which then finds the faces"""
    rate: float | None = None
    """frames per second of a file or of the demo, 0 = as fast as answers come"""
    view: bool = False
    """open a window"""
    record: str = ''
    """.mp4 file for the annotated images"""
    show_recognition: bool = False
    """write into the annotated images how far each face is from known people"""
    visualizer: bool = False
    """start the visualizer for other viewers, such as rviz"""
    web: int | None = None
    """port of the dashboard, 0 for a free one; None: there is none"""
    hri: bool = False
    """start the bridge to ROS4HRI"""
    camera_name: str = ''
    """prefix of the frame ids of the driver's images"""
    target_frame: str = ''
    """frame of the positions on /emotions; '': the camera's"""
    publish_tf: bool | None = None
    """let the driver publish the transform of its frames; None: for a viewer, otherwise as the
    parameter file says"""
    color_topic: str = ''
    """of another camera's images; its other topics are those beside it, unless given. Of a bag:
    its topic of colour images; its others are found by their names"""
    info_topic: str = ''
    """of its camera_info"""
    depth_topic: str = ''
    """of its depth, aligned to colour"""
    image_transport: str = ''
    """how it publishes images, of TRANSPORTS of emorec_vision.image_message.transport"""
    depth_transport: str = ''
    """how it publishes depth, of DEPTH_TRANSPORTS there"""
    detector: str = ''
    """what finds faces"""
    require_depth: bool | None = None
    """drop faces that depth cannot tell anything about; None: as the parameter file says"""
    processes: str = 'one'
    """of LAYOUTS"""
    wait_for_camera: bool = True
    """keep trying when there is no camera at start"""
    acknowledged_by: tuple[str, ...] = ()
    """topics that a frame of a file must come back on as well before it is done"""
    lazy: bool = False
    """work, and open the camera, only while somebody subscribes to what is published"""


@dataclass(frozen=True)
class NodeDescription:
    """One node.

    Attributes:
        executable: name of the node and of the program that runs it alone.
        namespace: of the node, without a slash at the ends.
        parameters: that differ from those of the parameter file.
        remappings: from the topics of the node's source to those of the graph.
    """

    executable: str
    namespace: str
    parameters: dict[str, Any] = field(default_factory=dict)
    remappings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProcessDescription:
    """One process and its nodes, all of one namespace.

    Attributes:
        executable: name of its program.
    """

    executable: str
    nodes: tuple[NodeDescription, ...]

    @property
    def namespace(self) -> str:
        """Return the namespace of the nodes, without a slash at the ends."""
        return self.nodes[0].namespace

    @property
    def remappings(self) -> dict[str, str]:
        """Return the remappings of all nodes, each for its node only where there are several."""
        alone = len(self.nodes) == 1
        return {topic if alone else f'{node.executable}:{topic}': target
                for node in self.nodes for topic, target in node.remappings.items()}


def processes(options: GraphOptions) -> list[ProcessDescription]:
    """Return the processes of a run, the driver last.

    Raises:
        InputError: if the source is none that emorec knows.
    """
    nodes = describe(options)
    together = tuple(node for node in nodes if node.executable in PIPELINE_NODES)
    if options.processes != 'one':
        together = ()
    return [*([ProcessDescription('pipeline', together)] if together else []),
            *(ProcessDescription(node.executable, (node,))
              for node in nodes if node not in together)]


def describe(options: GraphOptions) -> list[NodeDescription]:
    """Return the nodes of a run, the driver last.

    Raises:
        InputError: if the source is none that emorec knows, or a topic is given beside a driver.
    """
    options = _with_bag_topics(options)
    kind = kind_of(options.source)
    if kind not in ('topics', *SOURCE_KINDS) or (kind == 'kinect' and options.source != kind):
        raise InputError(f'source {masked(options.source)!r} is unknown; give '
                         f'{SPECIFICATIONS}')
    topics = camera_topics(options)
    from_file = kind in FILE_KINDS
    nodes = [
        NodeDescription('face_detector', options.namespace,
                        {'still_pictures': kind == 'images',
                         **({'max_wait': 0.0, 'depth_wait': PATIENT_DEPTH} if from_file else {}),
                         **_given(detector=options.detector or (
                                      'yunet' if options.detector_model else ''),
                                  detector_model=options.detector_model,
                                  image_transport=options.image_transport,
                                  depth_transport=options.depth_transport,
                                  require_depth=options.require_depth)}, topics),
        NodeDescription('emotion', options.namespace, {
            **({'keep_rests': False} if from_file else {}),
            **_given(model=options.model, adapt=options.adapt, people=options.people)}),
        NodeDescription('identity', options.namespace, _given(
            people=options.people, recognizer=options.recognizer,
            wait_for_looks=from_file or None)),
        NodeDescription('aggregator', options.namespace,
                        {**({'wait_for_identities': True, 'join_timeout': PATIENT_JOIN}
                            if from_file else {}),
                         **_given(target_frame=options.target_frame)})]
    if options.view or options.record or options.visualizer or options.web is not None:
        nodes.append(NodeDescription(
            'visualizer', options.namespace,
            _given(view=options.view or None, record=options.record,
                   show_recognition=options.show_recognition or None,
                   recording=secrets.token_hex(8) if options.record else '',
                   image_transport=options.image_transport,
                   depth_transport=options.depth_transport,
                   compressed_rate=DASHBOARD_RATE if options.web is not None else None),
            {name: topics[name] for name in ('rgb/image_raw', 'depth_registered/image_raw')}))
    if options.web is not None:
        depth = 'depth_registered/image_raw'
        nodes.append(NodeDescription(
            'dashboard', options.namespace, {'port': options.web},
            {depth: transport_topic(topics[depth], depth_transport(
                options.depth_transport or AS_IMAGES, options.image_transport or RAW))}))
    if options.hri:
        nodes.append(NodeDescription(
            'hri_bridge', options.namespace, _given(image_transport=options.image_transport),
            {'rgb/image_raw': topics['rgb/image_raw']}))
    if kind != 'topics':
        nodes.append(_driver(options))
    if options.lazy:
        nodes = [node if node.executable in ('visualizer', 'dashboard') else
                 replace(node, parameters={**node.parameters, 'lazy': True}) for node in nodes]
    return nodes


def camera_topics(options: GraphOptions) -> dict[str, str]:
    """Return the topics of the camera, by the names that emorec's nodes have for them.

    Those of another camera's colour images are enough where its camera_info lies beside them, as
    image_transport has it.

    Raises:
        InputError: if a topic or a transport is given beside a driver.
    """
    for name in ('color_topic', 'info_topic', 'depth_topic', 'image_transport', 'depth_transport'):
        value = getattr(options, name)
        if value not in ('', RAW, AS_IMAGES) and options.source != 'topics':
            raise InputError(f'{name} is {value}, but source {masked(options.source)} starts a '
                             'driver of its own; give source topics with it')
    info = options.info_topic or (
        ''.join(base_topic(options.color_topic).rpartition('/')[:2]) + 'camera_info'
        if options.color_topic else '')
    return {name: topic or f'{CAMERA}/{name}' for name, topic in zip(
        CAMERA_TOPICS, (options.color_topic, info, options.depth_topic), strict=True)}


def _with_bag_topics(options: GraphOptions) -> GraphOptions:
    """Return the options with the kind of a path in the source, and with the topics of a bag.

    Raises:
        InputError: if the topics of a bag make no source.
    """
    source = with_kind(options.source)
    if not source.startswith(f'{KIND}:'):
        return replace(options, source=source)
    named = {'colour': options.color_topic, 'depth': options.depth_topic,
             'info': options.info_topic}
    return replace(options, source=with_names(source, named),
                   color_topic='', depth_topic='', info_topic='')


def parameter_file(node: NodeDescription, **more: Any) -> str:
    """Return the parameters of a node, and `more`, as the text of a parameter file.

    They stand under the node's full name: `/**` would lose against `/**/name` in a user's file
    that has an entry `/**` as well. JSON is YAML that leaves no doubt about what is a string.
    """
    name = f'/{node.namespace}/{node.executable}'.replace('//', '/')
    return json.dumps({name: {'ros__parameters': {**node.parameters, **more}}},
                      ensure_ascii=False)


def config_folder() -> Path:
    """Return the folder of emorec.yaml and fastdds.xml, of the source tree or an installation."""
    return shipped_file('config', 'emorec.yaml').parent


def _driver(options: GraphOptions) -> NodeDescription:
    namespace = f'{options.namespace}/{CAMERA}'.strip('/')
    parameters = {'wait_for_camera': options.wait_for_camera,
                  **_given(camera_name=options.camera_name, publish_tf=(
                      True if options.publish_tf is None and options.visualizer
                      else options.publish_tf))}
    if options.source == 'kinect':
        return NodeDescription('kinect_driver', namespace, parameters)
    parameters['source'] = options.source
    if options.rate is not None:
        parameters['rate'] = float(options.rate)
    elif options.source.startswith('images'):
        parameters['rate'] = 0.0
    acknowledgers = options.acknowledged_by + (('drawn',) if options.record else ())
    if acknowledgers:
        parameters['acknowledged_by'] = ','.join(acknowledgers)
    root = f'/{options.namespace}'.rstrip('/')
    return NodeDescription(
        'camera_driver', namespace, parameters,
        {topic: f'{root}/{topic}' for topic in ('emotions', *acknowledgers)})


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ('', None)}
