# SPDX-License-Identifier: Apache-2.0
"""What the nodes between the camera and /emotions tell each other."""

from emorec.msg import FaceArray
from emorec.msg import FaceEmotionArray
from emorec.msg import IdentityArray
from emorec_ros.messages.faces import Faces
from emorec_ros.transport.ways import Channel

FACES: Channel[Faces] = Channel('faces', FaceArray, Faces.with_pixels, Faces)
FACE_EMOTIONS: Channel[FaceEmotionArray] = Channel('face_emotions', FaceEmotionArray)
IDENTITIES: Channel[IdentityArray] = Channel('identities', IdentityArray)
