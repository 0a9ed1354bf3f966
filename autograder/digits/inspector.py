"""All five measures of generated digits at once, from the judge's features and from the pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.digits import measures
from autograder.digits.judge import Judge

Array = NDArray[Any]

MEASURES = ("fidelity", "coverage", "diversity", "originality", "stray_ink")


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """The measures of a set of images.

    `values` has a number for each name of MEASURES; `shares` (10,) has each digit's share, from 0
    to 1.
    """

    values: dict[str, float]
    shares: Array


class Inspector:
    """Compares generated images with real images, whose features and distances it computes once."""

    def __init__(self, judge: Judge, training: Array, unseen: Array, unseen_digits: Array) -> None:
        """Take training (m, 28, 28, 1) and unseen images (k, 28, 28, 1), ink from 0 to 1.

        unseen_digits (k,): which digit each unseen image is.
        """
        self._judge, self._training = judge, training
        self._features = judge.look(unseen).features
        self._around = measures.Neighbourhood(training, unseen, unseen_digits)

    def inspect(self, images: Array) -> Inspection:
        """Measure images (n, 28, 28, 1), ink from 0 to 1; the formulas stand in `measures`."""
        opinion = self._judge.look(images)
        shares = measures.digit_shares(opinion.probabilities)
        values = (
            measures.frechet_distance(self._features, opinion.features),
            float(np.min(shares)),
            measures.recall(self._features, opinion.features),
            self._around.nearness(images, opinion.digits),
            measures.stray_ink(images, self._training),
        )
        return Inspection(dict(zip(MEASURES, values, strict=True)), shares)
