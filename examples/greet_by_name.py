# SPDX-License-Identifier: Apache-2.0
"""Say hello to people by name when they are recognised, and goodbye when they leave.

Run it beside the graph with ROS sourced: `python3 examples/greet_by_name.py`. Beside `emorec
live`, paste the `export` line that it prints, and use `.venv/bin/python`. A robot would speak
where this prints.
"""

from emorec.msg import Emotion
from emorec.msg import PersonEvent
import rclpy
from rclpy.executors import ExternalShutdownException


def words_for(event: PersonEvent) -> str:
    """Return what there is to say about an event, '' for nothing."""
    if event.event == PersonEvent.RECOGNISED:
        return f'Hello, {event.person}!'
    if event.event == PersonEvent.EMOTION and event.emotion == Emotion.SAD:
        return 'Can I help?'
    if event.event == PersonEvent.LEFT and event.known:
        return f'Goodbye, {event.person}.'
    return ''


def on_event(event: PersonEvent) -> None:
    """Say it."""
    if words := words_for(event):
        print(words, flush=True)


def main() -> None:
    """Greet until Ctrl-C."""
    rclpy.init()
    node = rclpy.create_node('greeter')
    node.create_subscription(PersonEvent, 'person_events', on_event, 10)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass


if __name__ == '__main__':
    main()
