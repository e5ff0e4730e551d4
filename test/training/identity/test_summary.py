# SPDX-License-Identifier: Apache-2.0
"""What is told of an evaluation."""

from emorec_training.identity.evaluation import Evaluation
from emorec_training.identity.image_set import ImageSet
from emorec_training.identity.summary import summary_of
from emorec_training.identity.summary import text_of
import numpy as np
from people_folders import photos
import pytest


def test_figures_are_means_over_splits_and_the_roc_over_all_looks():
    evaluation = Evaluation(
        [1.0, 0.5], [0.9, 0.7], [0.8, 0.8], [0.0, 0.02], [1.0, 1.0], [0.0, 0.0],
        np.eye(2, dtype=int), friends=[1.0, 2.0, 3.0, 40.0], strangers=[10.0, 20.0, 30.0, 40.0],
        strict_true_accept=[0.5, 0.7])
    images = ImageSet(['Ada', 'Bob'], photos(4), np.array([0, 0, 1, 1]), ['told'])
    summary = summary_of(evaluation, images, 1, 7, detected=True)
    assert summary['closed_set_accuracy'] == {
        'mean': 0.75, 'deviation': 0.25, 'per_split': [1.0, 0.5]}
    assert summary['roc'][0] == {'false_accept': 0.001, 'true_accept': 0.75}
    assert summary['roc'][-1] == {'false_accept': 1.0, 'true_accept': 1.0}
    assert (summary['people'], summary['pictures'], summary['splits']) == (2, 4, 2)
    assert summary['confusion'] == [[1, 0], [0, 1]] and summary['warnings'] == ['told']
    head, closed, opened, *_ = text_of(summary).splitlines()
    assert head == '2 people, 4 images, 1 enrolled of each, 2 splits, seed 7'
    assert closed.endswith('75.0 % (+- 25.0)')
    assert opened.split('%')[0] == 'open set: friends accepted at 1 '
    assert summary['true_accept']['mean'] == pytest.approx(0.8)


def test_two_recognisers_stand_side_by_side():
    images = ImageSet(['Ada', 'Bob'], photos(4), np.array([0, 0, 1, 1]), [])
    found = [Evaluation([share], [share], [share], [0.0], [1.0], [0.0], np.eye(2, dtype=int),
                        [1.0], [2.0], [share]) for share in (1.0, 0.5)]
    first, second = (summary_of(each, images, 1, 7, False, name)
                     for each, name in zip(found, ('sface', 'lbph'), strict=True))
    _, names, closed, *_ = text_of(first, second).splitlines()
    assert names.split() == ['sface', 'lbph']
    assert closed.endswith('100.0 % (+- 0.0)    50.0 % (+- 0.0)')
