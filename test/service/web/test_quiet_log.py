# SPDX-License-Identifier: Apache-2.0
"""A log that no client can fill."""

import logging

import pytest

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.web.quiet_log import MOST_MESSAGES  # noqa: E402, I100
from emorec_service.web.quiet_log import QuietLog  # noqa: E402


def test_a_message_comes_once_and_then_with_its_count(caplog):
    now = [0.0]
    log = QuietLog(60.0, lambda: now[0])
    logger = logging.getLogger('a log of this test')
    logger.addFilter(log)
    for number in range(5):
        logger.warning('invalid request of %d', number)
    logger.warning('another')
    assert caplog.messages == ['invalid request of 0', 'another']
    now[0] = 61.0
    logger.warning('invalid request of %d', 9)
    assert caplog.messages[2:] == ['invalid request of 9 (4 more since)']
    assert log.left_out() == []
    logger.warning('invalid request of %d', 10)
    assert log.left_out() == ['invalid request of %d (1 more)']


def test_messages_that_are_never_the_same_are_few_too(caplog):
    logger = logging.getLogger('another log of this test')
    logger.addFilter(QuietLog())
    for number in range(10 * MOST_MESSAGES):
        logger.warning(f'{number}')
    assert len(caplog.messages) <= MOST_MESSAGES + 1
