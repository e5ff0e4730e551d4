# SPDX-License-Identifier: Apache-2.0
"""The frames of faces and persons."""

from collections.abc import Iterator
from math import isnan

from emorec.msg import FaceArray
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.flow.recent import Recent
from emorec_ros.hri.ids import face_id
from emorec_ros.hri.ids import id_in_view
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.runtime.transforms import placed
from emorec_ros.runtime.transforms import Transforms
from emorec_vision.faces.head_pose import HeadPose
from geometry_msgs.msg import Point
from geometry_msgs.msg import Quaternion
from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from std_msgs.msg import Header

FACING_THE_CAMERA = Quaternion(x=0.5, y=0.5, z=-0.5, w=0.5)
"""In the optical frame: x out of the face against z of the camera, z up (REP 155, REP 103)."""
GAZE = Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5)
"""In the frame of the face: z along the gaze, x to the right and y down, as optical frames are."""
KEPT = 15


class HumanFrames:
    """A frame `face_<id>` per face whose position is measured, and one of its person in its place.

    Where the head pose is known, they are turned by it, and `gaze_<id>` says where the head points
    to; elsewhere they face the camera, and there is no gaze.

    Args:
        node: that publishes them.
        persons: whether persons have frames.
    """

    def __init__(self, node: Node, persons: bool) -> None:
        self._transforms = Transforms(node, 'faces')
        self._persons = persons
        self._poses: Recent[dict[str, HeadPose]] = Recent(KEPT)

    def see(self, faces: FaceArray) -> None:
        """Take note of the head poses of one image."""
        if self._transforms.wanted:
            self._poses.put(stamp_ns(faces.header.stamp), {
                face.track_id: HeadPose(face.yaw, face.pitch, face.roll)
                for face in faces.faces if not isnan(face.yaw + face.pitch + face.roll)})

    def publish(self, people: PersonEmotionArray) -> None:
        """Publish the frames of one image, with its stamp."""
        if not self._transforms.wanted:
            return
        poses = self._poses.get(stamp_ns(people.header.stamp)) or {}
        self._transforms.publish([
            transform for person in people.people
            if not (person.estimated or isnan(person.position.z))
            for transform in self._frames(people.header, person, poses.get(person.track_id))])

    def _frames(self, header: Header, person: PersonEmotion,
                pose: HeadPose | None) -> Iterator[TransformStamped]:
        face, place = f'face_{face_id(person.track_id)}', person.position
        rotation = FACING_THE_CAMERA
        if pose is not None:
            x, y, z, w = pose.quaternion((place.x, place.y, place.z))
            rotation = Quaternion(x=x, y=y, z=z, w=w)
        names = [face]
        if self._persons:
            names.append(f'person_{id_in_view(person.track_id, person.person)}')
        yield from placed(header, names, place, rotation)
        if pose is not None:
            yield from placed(Header(stamp=header.stamp, frame_id=face),
                              [f'gaze_{face_id(person.track_id)}'], Point(), GAZE)
