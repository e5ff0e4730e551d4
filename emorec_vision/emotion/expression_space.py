# SPDX-License-Identifier: Apache-2.0
"""Where a network's answers lie for each emotion, and how faces of one person vary there."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import json

from emorec_vision.files.json_text import parse_json
import numpy as np

KEY = 'expressions'
"""Of a model's metadata; `emorec emotions expressions` writes it."""
STRENGTH = 0.48
"""How far a person's expressions lie from their rest, against those of FER2013 from its mean
Neutral: fewer are posed, and milder."""
WITHIN = 0.19
"""Share of the variance between faces of one emotion in FER2013 that one person has alone."""
UNLABELLED = 0.5
"""What stands in WITHIN's place where rest is judged by the same images as are read, without
labels: they also vary by how little is known of it; chosen on CK+ and on synthetic people."""
PRIOR_IMAGES = 1.0
"""Images that FER2013's mean stands for where a person's rest or expressions are estimated from a
few images; chosen on CK+ and on synthetic people."""
ROUNDS = 30
"""Steps of expectation-maximisation; it changes little after ten."""
SMOOTHING = 0.05
"""Weight of the variances alone in the covariance, as a shrinkage (Friedman 1989)."""
NEUTRAL = 'Neutral'


@dataclass(frozen=True)
class ExpressionSpace:
    """Coordinates of faces in which FER2013's Neutral lies at 0 and faces of an emotion vary by 1.

    They are the network's logits, whitened by the covariance within the emotions: the space of
    linear discriminant analysis (Fisher 1936). In it, a person's resting face is a point, and
    their expressions lie around it as FER2013's lie around its mean Neutral, but nearer.

    Attributes:
        whitening: float64 (D, C), from centred logits to coordinates.
        origin: float64 (C,), the mean centred logits of Neutral.
        expressions: float64 (C, D), expected offsets of the emotions from rest.
        prior: float64 (C,), logarithms of their shares.
        neutral: index of Neutral.
    """

    whitening: np.ndarray
    origin: np.ndarray
    expressions: np.ndarray
    prior: np.ndarray
    neutral: int

    @classmethod
    def measured(cls, means: np.ndarray, covariance: np.ndarray, shares: np.ndarray,
                 labels: Sequence[str]) -> 'ExpressionSpace':
        """Return the space of these statistics.

        Args:
            means: (C, C), row by row the mean centred logits of each emotion.
            covariance: (C, C), of the centred logits within the emotions.
            shares: (C,), how frequent each emotion is; 0..1.
            labels: the C names.

        Raises:
            ValueError: if the shapes do not fit, a number is not finite, or Neutral is missing.
        """
        count = len(labels)
        if (means.shape, covariance.shape, shares.shape) != (
                (count, count), (count, count), (count,)):
            raise ValueError('statistics of another number of labels')
        if not all(np.isfinite(part).all() for part in (means, covariance, shares)):
            raise ValueError('statistics that are no numbers')
        neutral = list(labels).index(NEUTRAL)
        smooth = (1 - SMOOTHING) * covariance + SMOOTHING * np.diag(np.diag(covariance))
        centring = np.eye(count) - 1 / count
        variances, axes = np.linalg.eigh(centring @ smooth @ centring)
        kept = variances > 1e-6 * variances.max()
        whitening = (axes[:, kept] / np.sqrt(variances[kept])).T
        return cls(whitening, means[neutral], STRENGTH * (means - means[neutral]) @ whitening.T,
                   np.log(np.maximum(shares, 1e-6)), neutral)

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], labels: Sequence[str],
                      columns: Sequence[int]) -> 'ExpressionSpace | None':
        """Return the space that a model file describes, None if it describes none that fits.

        Args:
            metadata: of the file.
            labels: in the order in which this space is to have them.
            columns: where the file has each of them.
        """
        try:
            stored = parse_json(metadata[KEY])
            means, covariance, shares = (np.array(stored[name], np.float64) for name in
                                         ('means', 'covariance', 'shares'))
            square = np.ix_(columns, columns)
            return cls.measured(means[square], covariance[square], shares[list(columns)], labels)
        except (KeyError, IndexError, TypeError, ValueError, np.linalg.LinAlgError):
            return None

    def coordinates(self, logits: np.ndarray) -> np.ndarray:
        """Return float64 (N, D) of a network's logits, (N, C)."""
        centred = logits - logits.mean(axis=1, keepdims=True)
        return np.asarray((centred - self.origin) @ self.whitening.T, np.float64)

    def logits(self, offsets: np.ndarray) -> np.ndarray:
        """Return the offsets of centred logits, (..., C), of those of coordinates, (..., D).

        They mean the same on every machine; the axes of coordinates may be mirrored on another.
        """
        return np.asarray(offsets @ np.linalg.pinv(self.whitening).T)

    def offsets(self, logits: np.ndarray) -> np.ndarray:
        """Return the offsets of coordinates, (..., D), of those of centred logits, (..., C)."""
        return np.asarray(logits @ self.whitening.T)

    def log_probabilities(self, offsets: np.ndarray, expressions: np.ndarray | None = None,
                          within: float = WITHIN) -> np.ndarray:
        """Return log-probabilities of the emotions, (N, C), of faces whose rest is known.

        Args:
            offsets: (N, D), coordinates less those of the same person at rest.
            expressions: (C, D), the person's own if they are known.
            within: variance of one person's faces; more where their rest is uncertain.
        """
        places = self.expressions if expressions is None else expressions
        distances = ((offsets[:, None] - places) ** 2).sum(axis=2)
        scores = self.prior - distances / (2 * within)
        top = scores.max(axis=1, keepdims=True)
        return np.asarray(scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True)))

    def unlabelled_rest(self, coordinates: np.ndarray) -> np.ndarray:
        """Return where a person's rest lies, judged by images of whatever they show.

        Expectation-maximisation (Dempster et al. 1977) of one common offset, which FER2013's mean
        Neutral holds back with PRIOR_IMAGES.

        Args:
            coordinates: (N, D), of images of one person.

        Returns:
            float64 (D,), zeros without images.
        """
        rest = np.zeros(len(self.whitening))
        for _ in range(ROUNDS):
            shares = np.exp(self.log_probabilities(coordinates - rest, within=UNLABELLED))
            rest = ((coordinates - shares @ self.expressions).sum(axis=0)
                    / (len(coordinates) + PRIOR_IMAGES))
        return rest

    def labelled_rest(self, coordinates: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Return where a person's rest lies, judged by images whose emotions are known.

        Every emotion counts the same, however many images show it, and FER2013's mean Neutral
        counts as PRIOR_IMAGES more emotions.

        Args:
            coordinates: (N, D), of images of one person.
            classes: int (N,), their emotions.

        Returns:
            float64 (D,), zeros without images.
        """
        shown = np.unique(classes)
        means = [coordinates[classes == each].mean(axis=0) - self.expressions[each]
                 for each in shown]
        return np.asarray(sum(means, np.zeros(len(self.whitening)))
                          / (len(shown) + PRIOR_IMAGES))

    def shrunk_expressions(self, offsets: np.ndarray, classes: np.ndarray,
                           prior_images: float = PRIOR_IMAGES) -> np.ndarray:
        """Return a person's own expressions, learnt from labelled images.

        Each is the mean of its images and of `prior_images` of the expected one (a posterior mean,
        so an emotion without images stays as expected).

        Args:
            offsets: (N, D), coordinates less those of the same person at rest.
            classes: int (N,), their emotions.
            prior_images: more of them where images are alike, such as frames of one moment.

        Returns:
            float64 (C, D), for `log_probabilities`.
        """
        own = self.expressions.copy()
        for each in np.unique(classes):
            of_it = offsets[classes == each]
            own[each] = ((prior_images * self.expressions[each] + of_it.sum(axis=0))
                         / (prior_images + len(of_it)))
        return own


def statistics(logits: np.ndarray, classes: np.ndarray, labels: Sequence[str]) -> str:
    """Return the metadata of KEY for a network's logits on labelled images.

    Args:
        logits: float (N, C).
        classes: int (N,), indices into `labels`, every one of which occurs.
        labels: the C names.
    """
    centred = logits - logits.mean(axis=1, keepdims=True)
    means = np.stack([centred[classes == each].mean(axis=0) for each in range(len(labels))])
    rounded = {'means': means, 'covariance': np.cov((centred - means[classes]).T),
               'shares': np.bincount(classes, minlength=len(labels)) / len(classes)}
    return json.dumps({name: np.round(part, 5).tolist() for name, part in rounded.items()})
