# SPDX-License-Identifier: Apache-2.0
"""The help of `emorec faces` and of its commands can be read."""

import re

from emorec_cli.main import main
import pytest

COMMANDS = ('acquire', 'evaluate', 'expressions', 'forget', 'list', 'rename', 'train')


@pytest.mark.parametrize('command', COMMANDS)
def test_every_command_explains_itself_without_marks_of_formatting(capsys, command):
    with pytest.raises(SystemExit) as end:
        main(['faces', command, '--help'])
    shown = capsys.readouterr().out
    assert end.value.code == 0 and f'usage: emorec faces {command}' in shown
    assert '%%' not in shown and '%(' not in shown


def test_all_commands_are_listed(capsys):
    with pytest.raises(SystemExit):
        main(['faces', '--help'])
    shown = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf'\n    {command}\s', shown)
