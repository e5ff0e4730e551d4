# SPDX-License-Identifier: Apache-2.0
"""The one file that holds all parameters is what the nodes declare."""

from emorec_ros.config_file import config_text
from emorec_ros.config_file import SETTINGS
from emorec_ros.graph import config_folder
from emorec_ros.runtime.parameters import parameters_of
import yaml


def test_the_file_is_up_to_date() -> None:
    """`python -m emorec_ros.config_file` writes it anew."""
    assert (config_folder() / 'emorec.yaml').read_text() == config_text()


def test_the_file_has_every_default_in_its_type() -> None:
    """The keys begin with /** so that they match under a robot's namespace."""
    written = yaml.safe_load(config_text())
    assert set(written) == {f'/**/{name}' for name in SETTINGS}
    for name, settings in SETTINGS.items():
        values = written[f'/**/{name}']['ros__parameters']
        declared = {each.name: each.default for each in parameters_of(settings)}
        assert values == declared
        assert [type(value) for value in values.values()] == [
            type(value) for value in declared.values()]


def test_every_parameter_has_a_comment_with_its_range() -> None:
    """The file explains itself, in lines that an editor shows whole."""
    lines = config_text().splitlines()
    assert max(map(len, lines)) <= 99
    for before, line in zip(lines, lines[1:]):
        if line.startswith('    ') and not line.strip().startswith('#'):
            assert before.strip().startswith('#'), line
    assert 'else haar (auto, yunet, haar)' in config_text()
    assert 'counts as a face, px; 17 finds faces of 20 (17 to 1000)' in config_text()
