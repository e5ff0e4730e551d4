# SPDX-License-Identifier: Apache-2.0
"""What an exported file says of its networks."""
from pathlib import Path

from emorec_training.config import NetworkConfig
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')


def test_a_file_says_how_large_its_kernels_are(tmp_path: Path) -> None:
    """The networks that it names are then built as they were; older files have the usual ones."""
    from emorec_training.export import onnx_metadata
    from emorec_training.networks import build_network
    original = build_network(NetworkConfig('original', kernel_size=5))
    about = onnx_metadata.describe_networks([original], EMOTIONS, True)
    [again] = onnx_metadata.read_network_metadata(tmp_path, about).build()
    assert again.count_params() == original.count_params()
    del about['kernel_sizes']
    [usual] = onnx_metadata.read_network_metadata(tmp_path, about).build()
    assert usual.count_params() != original.count_params()
    for broken in ({}, about | {'networks': '['}, about | {'networks': '["vgg"]'},
                   about | {'labels': '7'}, about | {'kernel_sizes': '[3, 3]'}):
        with pytest.raises(InputError, match='was not written by "emorec emotions export"'):
            onnx_metadata.read_network_metadata(tmp_path, broken)
