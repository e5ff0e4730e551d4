# SPDX-License-Identifier: Apache-2.0
"""Hold a robot while somebody looks angry, from 2 s of it on.

Publishes std_msgs/Bool on `hold_still`, once per image: true is what twist_mux takes for a lock.
Without an image for a second nothing is known of anybody, and it is true as well. Run it beside
the graph with ROS sourced: `python3 examples/stop_when_angry.py`.
"""

from emorec.msg import Emotion
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
import rclpy
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException
from rclpy.qos import qos_profile_sensor_data
from rclpy.time import Time
from std_msgs.msg import Bool

HOLD_AFTER = Duration(seconds=2)
SILENCE_S = 1.0


def is_angry(person: PersonEmotion, now: Time) -> bool:
    """Tell whether somebody has been confirmed angry for long enough."""
    return (person.confirmed and person.emotion == Emotion.ANGRY
            and now - Time.from_msg(person.since) >= HOLD_AFTER)


def main() -> None:
    """Watch until Ctrl-C."""
    rclpy.init()
    node = rclpy.create_node('stop_when_angry')
    publisher = node.create_publisher(Bool, 'hold_still', 10)
    silence = node.create_timer(SILENCE_S, lambda: publisher.publish(Bool(data=True)))

    def on_emotions(message: PersonEmotionArray) -> None:
        silence.reset()
        now = Time.from_msg(message.header.stamp)
        publisher.publish(Bool(data=any(is_angry(person, now) for person in message.people)))
    node.create_subscription(
        PersonEmotionArray, 'emotions', on_emotions, qos_profile_sensor_data)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass


if __name__ == '__main__':
    main()
