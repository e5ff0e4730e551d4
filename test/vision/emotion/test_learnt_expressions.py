# SPDX-License-Identifier: Apache-2.0
"""A person's own expressions, learnt from a few frames each and used where they help."""

from emorec_vision.emotion.learnt_expressions import ExpressionLearner
from emorec_vision.emotion.learnt_expressions import FEWEST
from emorec_vision.emotion.learnt_expressions import Learnt
from emorec_vision.emotion.learnt_expressions import Shown
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from expressive import place
from expressive import raw
from expressive import space
import numpy as np
import pytest

REST = place('Happy', 0.3)
"""Of the person who learns."""


def shown(coordinates: np.ndarray, count: int = 40, noise: float = 0.15,
          seed: int = 0) -> Shown:
    """Return frames around a place."""
    jitter = np.random.default_rng(seed).normal(0, noise, (count, len(coordinates)))
    places = coordinates + jitter
    return Shown(np.array([raw(each) for each in places]), places)


def learn(**frames: Shown) -> Learnt:
    """Learn from frames beside those of the rest."""
    return ExpressionLearner(space(), EMOTIONS).learn({'Neutral': shown(REST), **frames})


def test_a_faint_expression_is_learnt_and_used() -> None:
    """Its place lies between the general one and the person's, nearer to the person's."""
    faint = place('Sad', 0.2)
    learnt = learn(Sad=shown(REST + faint, seed=1))
    finding, = learnt.findings
    assert finding.used and finding.own >= 0.85 > 0.5 > finding.general
    assert str(finding) == (f'Sad: {finding.general * 100:.0f} -> {finding.own * 100:.0f} % of 20 '
                            'held-back frames; used')
    off = np.linalg.norm(learnt.expressions['Sad'] - faint)
    assert 0.02 < off < 0.25 * np.linalg.norm(place('Sad') - faint)
    assert np.linalg.norm(learnt.rest.mean - REST) < 0.1
    assert learnt.rest.weight > 0.8


def test_few_frames_count_little() -> None:
    """The general place weighs as some frames."""
    faint = place('Sad', 0.2)
    few = learn(Sad=shown(REST + faint, FEWEST, seed=1)).expressions['Sad']
    many = learn(Sad=shown(REST + faint, 60, seed=1)).expressions['Sad']
    assert np.linalg.norm(few - faint) > np.linalg.norm(many - faint) + 0.2


def test_what_the_general_answer_reads_as_well_is_not_used() -> None:
    """It is said so."""
    learnt = learn(Happy=shown(REST + place('Happy'), seed=1))
    assert not learnt.expressions
    assert str(learnt.findings[0]) == ('Happy: 100 -> 100 % of 20 held-back frames; not used, the '
                                       'general answer is as good or better')


def test_an_expression_that_would_cost_others_more_is_not_used() -> None:
    """Who shows the same face for two emotions gets one of them at most."""
    both = REST + 0.5 * (place('Sad', 0.4) + place('Fear', 0.4))
    learnt = learn(Sad=shown(both, seed=1), Fear=shown(both, seed=2))
    assert len(learnt.expressions) <= 1
    assert len(learnt.findings) == 2


def test_frames_at_rest_teach_no_expression() -> None:
    """Who did not follow is told."""
    learnt = learn(Sad=shown(REST, seed=1))
    assert not learnt.expressions
    assert str(learnt.findings[0]) == 'Sad: no difference from rest was seen; skipped'


def test_too_few_frames_teach_nothing() -> None:
    """Of an expression it is said; without a rest nothing at all can be learnt."""
    learnt = learn(Sad=shown(REST + place('Sad'), FEWEST - 1, seed=1))
    assert str(learnt.findings[0]) == ('Sad: it was seen in 5 frames, and 6 are needed; skipped')
    with pytest.raises(InputError, match='at rest was seen in 0 frames'):
        ExpressionLearner(space(), EMOTIONS).learn({'Sad': shown(REST)})
