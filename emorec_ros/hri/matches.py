# SPDX-License-Identifier: Apache-2.0
"""The topic /humans/candidate_matches."""

from collections.abc import Mapping

from emorec_ros.hri.installed import IdsMatch
from emorec_ros.hri.messages import match_message
from emorec_ros.runtime.qos.profiles import RESULT
from rclpy.node import Node


class CandidateMatches:
    """Which face is which known person's, published when it changes; 0 when it is over.

    Args:
        node: that publishes them.
        root: of the topics, /humans in REP 155.
    """

    def __init__(self, node: Node, root: str) -> None:
        self._matches: dict[tuple[str, str], float] = {}
        self._publisher = node.create_publisher(IdsMatch, f'{root}/candidate_matches', RESULT)

    def count_listeners(self) -> int:
        """Return how many subscribe."""
        return self._publisher.get_subscription_count()

    def publish(self, matches: Mapping[tuple[str, str], float], again: bool = False) -> None:
        """Take the confidences of all matches by (face id, person id), and publish the news.

        Args:
            matches: those of an image.
            again: publish all of them, for those who came late.
        """
        over = {pair: 0.0 for pair in self._matches if pair not in matches}
        for pair, confidence in {**over, **matches}.items():
            if again or self._matches.get(pair) != confidence:
                self._publisher.publish(match_message(*pair, confidence))
        self._matches = dict(matches)

    def repeat(self) -> None:
        """Publish all matches, for those who came late."""
        self.publish(self._matches, again=True)
