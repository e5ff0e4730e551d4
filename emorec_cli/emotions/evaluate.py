# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions evaluate`."""

import argparse
from collections.abc import Sequence
import json
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.command import add_command
from emorec_cli.keras_import import prepare_keras
from emorec_cli.parsing.options import add_detector
from emorec_cli.parsing.paths import check_models
from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_training.data.examples import Examples


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'evaluate', run, 'measure a model on labelled images',
        'Print accuracy with its 95 % interval, with and without the test images that have a '
        'copy in Training, macro-F1, recall and precision per class, the normalised confusion '
        'matrix, log-loss and calibration error (15 bins). Without --classes the labels of the '
        'model are measured; on fewer than it tells apart, its probabilities are renormalised. '
        'With --per-person, on images of several people, also what is read right when each face '
        'is read against the same person (docs/personal.md).')
    parser.intermixed = True
    parser.add_argument('models', nargs='*', metavar='MODEL',
                        help='.onnx or .keras file, folder of a training run, or "accurate" for '
                             'the larger shipped model; with --per-person .onnx files, none for '
                             'the default one')
    add_options(parser)
    parser.add_argument('--per-person', action='store_true',
                        help='DATA is a folder in which names of files and sub-folders say who '
                             'is shown, and what: print raw and adapted answers')
    parser.add_argument('--subject', default='', metavar='REGEX',
                        help='where the person stands in the path of an image below DATA, its '
                             'first group or all of it (default: the first part of the name '
                             'that is no emotion, or the sub-folder)')


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add DATA and all options of an evaluation."""
    parser.add_argument('csv', type=expand, metavar='DATA',
                        help='the official fer2013.csv, a csv of emotion and pixels, measured '
                             'whole, or a folder with one sub-folder of images per emotion')
    parser.add_argument('--split', choices=('training', 'public', 'private'), default='public',
                        help='rows of the csv; private only together with --final')
    parser.add_argument('--final', action='store_true',
                        help='read PrivateTest, and list that in docs/private_test.csv')
    parser.add_argument('--tta', choices=('none', 'flip', 'ten'), default='none',
                        help='test-time augmentation: mean over the mirror image too, or over '
                             'five crops of 90 %% and their mirror images; the figure without '
                             'it is given beside it')
    parser.add_argument('--detect', action='store_true',
                        help='let the live detector cut the largest face out of each image')
    add_detector(parser)
    data_arguments.add_labels(parser, 'those of the model')
    parser.add_argument('--out', type=expand, metavar='DIR',
                        help='write evaluation.json, confusion.png, reliability.png and '
                             'mistakes.png (the surest mistakes) there')
    parser.add_argument('--json', action='store_true', help='print JSON instead of text')


def run(arguments: argparse.Namespace) -> int:
    """Measure one model, or several that read each face against the same person."""
    if arguments.per_person:
        return run_per_person(arguments)
    if arguments.subject:
        raise InputError('--subject belongs to --per-person')
    if len(arguments.models) != 1:
        raise InputError('name one model, then the data; "emorec emotions ensemble" measures '
                         'several models that answer together')
    return run_evaluation(arguments, arguments.models)


def run_per_person(arguments: argparse.Namespace) -> int:
    """Print, and perhaps write, the figures of each model on the images of people."""
    _check_per_person(arguments)
    from emorec_training.data.faces.people_images import read_people
    from emorec_training.evaluation.per_person import evaluate_per_person
    from emorec_training.evaluation.per_person import write_per_person
    from emorec_training.evaluation.per_person_report import format_per_person
    from emorec_vision.emotion.model import EmotionModel
    from emorec_vision.emotion.model import model_path
    from emorec_vision.files.access import make_folder
    models = [EmotionModel(model_path(model)) for model in arguments.models or ['']]
    figures = []
    for model in models:
        people = read_people(arguments.csv, model.labels, arguments.subject)
        figures.append(evaluate_per_person(model, people))
    if arguments.out is not None:
        write_per_person(figures[0], make_folder(arguments.out))
    if arguments.json:
        print(json.dumps(figures[0] if len(figures) == 1 else figures))
    else:
        print('\n\n'.join(map(format_per_person, figures)))
    return 0


def run_evaluation(arguments: argparse.Namespace, models: Sequence[str]) -> int:
    """Measure models, which answer together; print, and perhaps write, the figures."""
    if (arguments.split == 'private') != arguments.final:
        raise InputError('PrivateTest is read with --split private --final together, which is '
                         'listed in docs/private_test.csv; --split public chooses models')
    from emorec_vision.emotion.model import model_path
    paths = [model_path(model) for model in models]
    check_models(paths)
    data_arguments.check_paths(arguments)
    if arguments.out is not None:
        check_output_folder(arguments.out)
    _check_folder_options(arguments)
    if any(path.suffix != '.onnx' for path in paths):
        prepare_keras()
    from emorec_training.evaluation.ensemble import open_ensemble
    from emorec_training.evaluation.evaluate import evaluate
    from emorec_training.evaluation.evaluate import write_figures
    from emorec_training.evaluation.private_test_log import log_private_read
    from emorec_training.evaluation.text_report import format_report
    ensemble = open_ensemble(paths)
    examples = _load_examples(arguments, ensemble.labels)
    figures = evaluate(ensemble, examples, arguments.tta)
    if arguments.final:
        log_private_read(ensemble, figures)
    if arguments.out is not None:
        from emorec_vision.files.access import make_folder
        write_figures(figures, examples, make_folder(arguments.out))
    print(json.dumps(figures) if arguments.json else format_report(figures))
    return 0


def _check_per_person(arguments: argparse.Namespace) -> None:
    """Raise InputError for what --per-person does not go with."""
    others = {'--split': arguments.split != 'public', '--final': arguments.final,
              '--tta': arguments.tta != 'none', '--detect': arguments.detect,
              '--labels': arguments.labels != 'fer2013', '--classes': arguments.classes,
              '--ferplus': arguments.ferplus}
    if any(others.values()):
        names = ', '.join(name for name, given in others.items() if given)
        raise InputError(f'--per-person does not go with {names}')
    if not arguments.csv.is_dir():
        raise InputError(f'--per-person: {arguments.csv} is no folder of images')
    if arguments.out is not None:
        if len(arguments.models) > 1:
            raise InputError('--per-person: --out is for one model')
        check_output_folder(arguments.out)


def _check_folder_options(arguments: argparse.Namespace) -> None:
    if arguments.csv.is_dir() and (
            arguments.split != 'public' or arguments.labels != 'fer2013' or arguments.ferplus):
        raise InputError('--split, --labels and --ferplus belong to the csv; a folder is '
                         'evaluated whole, and its sub-folders name the labels')


def _load_examples(arguments: argparse.Namespace, labels: tuple[str, ...]) -> 'Examples':
    """Return the images to measure a model that knows `labels` on."""
    from emorec_training.data import examples
    from emorec_vision.faces.detectors.factory import open_detector
    detector = open_detector(arguments.detector) if arguments.detect else None
    if not arguments.csv.is_dir():
        data, choice = data_arguments.load_data(arguments, measured=True)
        if arguments.classes is None:
            choice = examples.choose_classes(choice, labels)
        rows = examples.from_csv(data, choice, arguments.split)
        return rows if detector is None else examples.detect_faces(rows, rows.images, detector)
    return examples.from_folder(
        arguments.csv, labels if arguments.classes is None else arguments.classes,
        detector)
