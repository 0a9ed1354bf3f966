"""Prints the table of docs/figures/judge.md: what each measure says of each way to fake digits.

A value that the thresholds of digits_gan do not let pass is printed in bold.

Usage: python scripts/judge_table.py [samples.npz ...], each with an array `images` (n, 28, 28, 1)
from 0 to 1 that some generator made.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.checks import thresholds
from autograder.course import datasets
from autograder.course.exercise import Root
from autograder.digits.inspector import MEASURES, Inspector
from autograder.digits.judge import load_judge

ROOT = Path(__file__).parent.parent
HEADS = dict(zip(MEASURES, ("Fréchet", "rarest", "recall", "nearness", "stray ink"), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Real:
    """Training and unseen images of one course, ink from 0 to 1, and their digits."""

    training: np.ndarray
    digits: np.ndarray
    unseen: np.ndarray
    unseen_digits: np.ndarray


def real(key: bytes = datasets.DEMO_KEY) -> Real:
    """Return the digits as a course with this key splits them."""
    split = datasets.load(ROOT / "datasets", "digits", key)
    ink = np.float32(255)
    return Real(split.x_train / ink, split.y_train, split.x_test / ink, split.y_test)


def inspector_of(digits: Real) -> Inspector:
    """Return who holds images against these."""
    return Inspector(load_judge(), digits.training, digits.unseen, digits.unseen_digits)


def fakes(digits: Real, n: int = 2000, seed: int = 0) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name and n images of each way to fake, all made of real images or of nothing."""
    rng = np.random.default_rng(seed)
    images, labels = digits.training, digits.digits
    copies = images[rng.integers(0, len(images), n)]
    means = np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])
    ten = np.stack([images[labels == digit][0] for digit in range(10)])
    by_digit = [images[labels == digit] for digit in range(10)]
    others, same = (np.stack([rng.choice(by_digit[at % 10]) for at in range(n)]) for _ in "ab")

    def noisy(picture: np.ndarray, deviation: float) -> np.ndarray:
        noise = rng.normal(0, deviation, picture.shape)
        return np.clip(picture + noise, 0, 1).astype(np.float32)

    yield "real, unseen", digits.unseen[:n]
    yield "noise", rng.random((n, 28, 28, 1), dtype=np.float32)
    yield "the mean image", np.repeat(images.mean(axis=0, keepdims=True), n, axis=0)
    yield "class means", means[rng.integers(0, 10, n)]
    yield "class means, noise 0.2", noisy(means[rng.integers(0, 10, n)], 0.2)
    yield "one digit only", digits.unseen[digits.unseen_digits == 1]
    yield "eight of ten digits", digits.unseen[~np.isin(digits.unseen_digits, (4, 8))]
    yield "nine of ten digits", digits.unseen[digits.unseen_digits != 8]
    yield "ten images", ten[rng.integers(0, 10, n)]
    yield "a hundred unseen images", digits.unseen[:100][rng.integers(0, 100, n)]
    yield "copies", copies
    for deviation in (0.02, 0.05, 0.1, 0.2, 0.3):
        yield f"copies, noise {deviation:g}", noisy(copies, deviation)
    yield "copies, noise 0.3 in the ink", np.where(copies > 0, noisy(copies, 0.3), 0)
    yield "copies, moved by one pixel", np.roll(copies, (1, -1), axis=(1, 2))
    yield "copies, paler", 0.8 * copies
    yield "one in five a copy", np.concatenate([copies[: n // 5], digits.unseen[: n - n // 5]])
    for part in (0.1, 0.3, 0.5):
        yield f"blends, {part:g} of another", (1 - part) * others + part * same
    yield "unseen, noise 0.1", noisy(digits.unseen, 0.1)


def row(name: str, values: dict[str, float], limits: thresholds.Thresholds) -> str:
    """Return one row of the table."""
    cells = [
        f"{value:.3f}" if limits[measure].passes(value) else f"**{value:.3f}**"
        for measure, value in values.items()
    ]
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    digits = real()
    inspector = inspector_of(digits)
    limits = thresholds.of(Root(ROOT).exercise("digits_gan"))
    print("| images |", " | ".join(HEADS.values()), "|")
    print("| --- |", " | ".join(["---:"] * len(MEASURES)), "|")
    samples = [(Path(name).stem, np.load(name)["images"]) for name in sys.argv[1:]]
    for name, images in [*fakes(digits), *samples]:
        print(row(name, inspector.inspect(images.astype(np.float32)).values, limits), flush=True)


if __name__ == "__main__":
    main()
