# SPDX-License-Identifier: Apache-2.0
"""The frames of faces and persons."""

from collections.abc import Iterator
from math import isnan

from emorec.msg import Face
from emorec.msg import FaceArray
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
        self._faces: Recent[FaceArray] = Recent(KEPT)

    def see(self, faces: FaceArray) -> None:
        """Take note of the places and head poses of one image."""
        if self._transforms.wanted:
            self._faces.put(stamp_ns(faces.header.stamp), faces)

    def publish(self, people: PersonEmotionArray) -> None:
        """Publish the frames of one image, with its stamp."""
        if not self._transforms.wanted:
            return
        faces = self._faces.get(stamp_ns(people.header.stamp)) or FaceArray()
        names = {person.track_id: person.person for person in people.people}
        self._transforms.publish([
            transform for face in faces.faces
            if face.track_id in names and not (face.estimated or isnan(face.position.z))
            for transform in self._frames(faces.header, face, names[face.track_id])])

    def _frames(self, header: Header, seen: Face, name: str) -> Iterator[TransformStamped]:
        face, place = f'face_{face_id(seen.track_id)}', seen.position
        rotation, has_pose = FACING_THE_CAMERA, not isnan(seen.yaw + seen.pitch + seen.roll)
        if has_pose:
            x, y, z, w = HeadPose(seen.yaw, seen.pitch, seen.roll).quaternion(
                (place.x, place.y, place.z))
            rotation = Quaternion(x=x, y=y, z=z, w=w)
        names = [face]
        if self._persons:
            names.append(f'person_{id_in_view(seen.track_id, name)}')
        yield from placed(header, names, place, rotation)
        if has_pose:
            yield from placed(Header(stamp=header.stamp, frame_id=face),
                              [f'gaze_{face_id(seen.track_id)}'], Point(), GAZE)
