# SPDX-License-Identifier: Apache-2.0
"""Numbers as options."""
import argparse
from collections.abc import Callable

from emorec_cli.parsing.arguments import not_negative_float
from emorec_cli.parsing.arguments import positive_float
from emorec_cli.parsing.arguments import positive_int
import pytest


@pytest.mark.parametrize('read, text, number', [
    (positive_float, '0.5', 0.5), (positive_float, '1e-3', 0.001), (positive_float, '3', 3.0),
    (not_negative_float, '0', 0.0), (not_negative_float, '2.5', 2.5),
    (positive_int, '1', 1), (positive_int, '100000', 100000)])
def test_numbers_in_range_are_read(
        read: Callable[[str], float], text: str, number: float) -> None:
    """As Python writes them."""
    assert read(text) == number


@pytest.mark.parametrize('read, message', [
    (positive_float, 'is not a positive number'),
    (not_negative_float, 'is not a number of 0 or more'),
    (positive_int, 'is not a whole number of 1 or more')])
@pytest.mark.parametrize('text', ['-1', 'inf', 'nan', '1e999', 'many', '', '½'])
def test_others_are_refused_in_one_line(
        read: Callable[[str], float], message: str, text: str) -> None:
    """The line names the text, not a function of ours."""
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        read(text)
    assert str(caught.value) == f'{text} {message}'


@pytest.mark.parametrize('read, text', [
    (positive_float, '0'), (positive_int, '0'), (positive_int, '1.5'),
    (positive_int, '9' * 5000)])
def test_zero_fractions_and_endless_digits_are_refused(
        read: Callable[[str], float], text: str) -> None:
    """Python itself reads no more than 4300 digits."""
    with pytest.raises(argparse.ArgumentTypeError):
        read(text)
