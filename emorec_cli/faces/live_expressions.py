# SPDX-License-Identifier: Apache-2.0
"""`emorec faces expressions --live`: the running robot asks, looks and learns."""

from __future__ import annotations

import argparse
from time import monotonic
from time import sleep
from typing import Any

from emorec_cli.interrupts import interruptible
from emorec_cli.output.standard_error import tell
from emorec_vision.errors import InputError

FOUND_WITHIN = 10.0
"""Seconds for the emotion node to be found in."""
LOOK_EVERY = 0.05


def run_live(arguments: argparse.Namespace, only: list[str]) -> int:
    """Learn or forget by the services of the emotion node, and say what was found."""
    from emorec_cli.live import check_ros
    check_ros()
    from emorec.msg import ExpressionProgress
    from emorec.srv import ForgetExpressions
    from emorec.srv import LearnExpressions
    from emorec_cli.faces.expressions import print_findings
    from emorec_cli.faces.expressions import Prompts
    from emorec_ros.runtime.command_node import CommandNode
    from emorec_ros.runtime.qos.profiles import RESULT
    prompts, node = Prompts(), CommandNode('faces_expressions', arguments.namespace)

    def on_progress(progress: Any) -> None:
        prompts.tell(progress.prompt, '' if progress.finished else progress.hint)

    node.ros.create_subscription(ExpressionProgress, 'expression_progress', on_progress, RESULT)
    node.start()
    try:
        with interruptible():
            if arguments.forget:
                answer = _call(node.ros, ForgetExpressions, 'forget_expressions',
                               name=arguments.name, expressions=only)
                print(answer.message)
                return 0 if answer.success else 2
            answer = _call(node.ros, LearnExpressions, 'learn_expressions', name=arguments.name,
                           expressions=only, seconds=arguments.seconds)
    except KeyboardInterrupt:
        tell('the robot goes on without this command, and learns what it sees')
        return 2
    finally:
        node.close()
    if not answer.success:
        raise InputError(answer.message)
    print_findings(arguments.name, list(answer.findings))
    return 0


def _call(ros: Any, kind: Any, service: str, **request: Any) -> Any:
    """Return the answer of a service of the emotion node; Enter skips an expression meanwhile."""
    from emorec_cli.faces.expressions import enter_was_pressed
    from std_srvs.srv import Trigger
    client = ros.create_client(kind, f'emotion/{service}')
    skipping = ros.create_client(Trigger, 'emotion/skip_expression')
    end = monotonic() + FOUND_WITHIN
    while not client.service_is_ready():
        if monotonic() > end:
            raise InputError(f'no emotion node offers {client.srv_name}; is the robot running, '
                             'and ROS_DOMAIN_ID the same as there?')
        sleep(LOOK_EVERY)
    answer = client.call_async(kind.Request(**request))
    while not answer.done():
        if enter_was_pressed() and skipping.service_is_ready():
            skipping.call_async(Trigger.Request())
        if not client.service_is_ready():
            raise InputError('the emotion node is gone; nothing was learnt')
        sleep(LOOK_EVERY)
    return answer.result()
