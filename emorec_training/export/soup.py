# SPDX-License-Identifier: Apache-2.0
"""Model soups: one network from the mean weights of several."""

from collections.abc import Sequence
from pathlib import Path

from emorec_training.data.dataset import Dataset
from emorec_training.data.labels import LabelChoice
from emorec_training.engines.keras_engine import update_batch_norm
from emorec_training.evaluation import metrics
from emorec_training.evaluation import predictor
from emorec_training.provenance import file_sha256
from emorec_training.provenance import revision
from emorec_training.train.batches import statistics_batches
from emorec_vision.errors import InputError
from emorec_vision.files.access import replace
from emorec_vision.files.access import write_json
import numpy as np


def make_soup(sources: Sequence[Path], shares: Sequence[float], data: Dataset,
              choice: LabelChoice, folder: Path) -> float:
    """Write the weighted mean of the weights of several runs as a run.

    Networks of one origin (one run went on from the other) often lie in one valley of the loss,
    where their mean is better than each of them (model soups, Wortsman et al. 2022, arXiv
    2203.05482). Batch-norm statistics are computed again on Training.

    Args:
        sources: .keras files or folders of runs, of one network.
        shares: the weight of each.
        data: what the soup is measured on.
        choice: the labels.
        folder: where model.keras and result.json are written.

    Returns:
        The accuracy on PublicTest, 0..1.

    Raises:
        InputError: if the networks or their labels differ.
    """
    networks = [predictor.load_keras(source) for source in sources]
    for source, network in zip(sources, networks):
        labels = predictor.read_labels(predictor.keras_file(source), network.output_shape[1])
        predictor.check_labels(source, labels, choice.names)
    shapes = [[part.shape for part in network.get_weights()] for network in networks]
    for source, shape in zip(sources, shapes):
        if shape != shapes[0]:
            raise InputError(f'{source} is another network than {sources[0]}; only weights of '
                             'one network can be averaged ("ensemble" averages answers)')
    soup = networks[0]
    soup.set_weights([np.average(parts, axis=0, weights=shares)
                      for parts in zip(*(network.get_weights() for network in networks))])
    training, public = choice.split(data, 'training'), choice.split(data, 'public')
    update_batch_norm(soup, statistics_batches(training.images, 1))
    probabilities = predictor.keras_predictor(soup)(public.images)
    accuracy = metrics.accuracy(probabilities, public.labels)
    # Before the weights, since it names their labels.
    write_json(folder / 'result.json', {
        'network': soup.name, 'labels': list(choice.names), 'data_sha256': data.digest,
        'sources_sha256': [file_sha256(predictor.keras_file(source)) for source in sources],
        'saw_imagenet': any(map(predictor.saw_imagenet, sources)),
        'shares': list(shares), 'revision': revision(), 'checked_on': 'PublicTest',
        'accuracy': accuracy, 'log_loss': metrics.log_loss(probabilities, public.labels)})
    with replace(folder / 'model.keras') as temporary:
        soup.save(temporary)
    return accuracy
