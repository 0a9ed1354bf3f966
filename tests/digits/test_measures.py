"""Each measure holds what it promises, and each fake is caught by a measure that should."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.digits import measures

ROOT = Path(__file__).parents[2]
CLOUDS = st.integers(0, 10_000)


def cloud(seed: int, n: int = 300, features: int = 6) -> Any:
    """Return correlated features (n, features), none of them degenerate."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(n, features)) @ rng.normal(size=(features, features))
    return mixed + rng.normal(size=features) + 0.1 * rng.normal(size=(n, features))


@given(CLOUDS)
@settings(max_examples=20)
def test_frechet_knows_neither_order_nor_scale(seed: int) -> None:
    features, other = cloud(seed), cloud(seed + 1)
    distance = measures.frechet_distance(features, other)
    assert measures.frechet_distance(features, features[::-1]) == pytest.approx(0, abs=1e-9)
    assert distance >= 0
    assert measures.frechet_distance(features, other[::-1]) == pytest.approx(distance)
    assert measures.frechet_distance(7 * features, 7 * other) == pytest.approx(distance)


def test_frechet_of_a_shift_is_its_square_over_the_trace() -> None:
    features = cloud(3)
    shift = np.array([1.0, 0, 0, 2.0, 0, 0])
    expected = 5 / np.trace(np.cov(features, rowvar=False))
    assert measures.frechet_distance(features, features + shift) == pytest.approx(expected)


def test_frechet_of_equal_directions_is_the_gap_of_deviations() -> None:
    features = cloud(4)
    centre = features.mean(axis=0)
    # Three times the deviation in every direction: tr(C + 9C - 6C) / tr(C).
    assert measures.frechet_distance(features, centre + 3 * (features - centre)) == pytest.approx(4)


def test_frechet_takes_a_single_repeated_image() -> None:
    features = cloud(5)
    assert measures.frechet_distance(features, np.repeat(features[:1], 50, axis=0)) > 0.9


def test_shares_count_sure_images_only() -> None:
    sure = np.eye(10)[[0, 0, 3]]
    torn = np.full((5, 10), 0.1)
    shares = measures.digit_shares(np.concatenate([sure, torn]))
    np.testing.assert_allclose(shares, [2 / 3, 0, 0, 1 / 3, 0, 0, 0, 0, 0, 0])
    assert measures.digit_shares(torn).sum() == 0


@given(CLOUDS)
@settings(max_examples=20)
def test_recall_is_a_share_and_does_not_mind_scale(seed: int) -> None:
    features, other = cloud(seed), cloud(seed + 1)
    share = measures.recall(features, other)
    assert 0 <= share <= 1
    assert measures.recall(5 * features, 5 * other) == pytest.approx(share, abs=0.01)
    assert measures.recall(features, features) == 1


def test_recall_of_a_part_is_about_that_part() -> None:
    left, right = cloud(6), cloud(6) + 1000
    assert measures.recall(np.concatenate([left, right]), left) == pytest.approx(0.5)


def test_recall_sees_through_repetition() -> None:
    features = cloud(7)
    assert measures.recall(features, np.repeat(features[:30], 10, axis=0)) == 0


def test_a_copy_is_near_also_when_moved_by_a_pixel(digits: Any) -> None:
    around = measures.Neighbourhood(digits.training, digits.unseen, digits.unseen_digits)
    some, labels = digits.training[:100], digits.digits[:100]
    for move in ((0, 0), (1, 0), (-1, 1)):
        moved = np.roll(some, move, axis=(1, 2))
        assert around.nearness(moved, labels) == pytest.approx(0, abs=0.01)
    assert around.nearness(digits.unseen, digits.unseen_digits) == pytest.approx(1)


def test_stray_ink_is_the_mean_where_paper_is() -> None:
    training = np.zeros((5, 28, 28, 1))
    training[:, 10:20, 10:20] = 0.5
    made = np.full((3, 28, 28, 1), 0.2)
    made[:, 10:20, 10:20] = 1
    assert measures.stray_ink(made, training) == pytest.approx(0.2)
    assert measures.stray_ink(training, training) == 0


@pytest.fixture(scope="module")
def table() -> ModuleType:
    """scripts/judge_table.py, which makes the fakes and the table in docs/figures/judge.md."""
    spec = importlib.util.spec_from_file_location("table", ROOT / "scripts" / "judge_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def digits(table: ModuleType) -> Any:
    return table.real()


@pytest.fixture(scope="module")
def seen(table: ModuleType, digits: Any) -> dict[str, dict[str, float]]:
    """What each measure says of a thousand images of each fake."""
    inspector = table.inspector_of(digits)
    return {name: inspector.inspect(images).values for name, images in table.fakes(digits, n=1000)}


def caught(values: dict[str, float]) -> set[str]:
    """Return the measures that this is far out on, wherever exactly thresholds will lie."""
    return {
        name
        for name, out in {
            "Fréchet": values["fidelity"] > 0.5,
            "rarest": values["coverage"] < 0.004,
            "recall": values["diversity"] < 0.15,
            "nearness": values["originality"] < 0.8,
            "stray ink": values["stray_ink"] > 0.008,
        }.items()
        if out
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fake", "measures"),
    [
        ("real, unseen", set()),
        ("noise", {"Fréchet", "rarest", "recall", "stray ink"}),
        ("the mean image", {"Fréchet", "rarest", "recall"}),
        ("class means", {"Fréchet", "rarest", "recall"}),
        ("class means, noise 0.2", {"Fréchet", "rarest", "recall", "stray ink"}),
        ("eight of ten digits", {"rarest"}),
        ("nine of ten digits", {"rarest"}),
        ("ten images", {"rarest", "recall", "nearness"}),
        ("a hundred unseen images", {"recall"}),
        ("copies", {"nearness"}),
        ("copies, noise 0.02", {"nearness", "stray ink"}),
        ("copies, noise 0.1", {"nearness", "stray ink"}),
        ("copies, noise 0.3 in the ink", {"nearness"}),
        ("copies, moved by one pixel", {"nearness"}),
        ("copies, paler", {"nearness"}),
        ("one in five a copy", {"nearness"}),
        ("blends, 0.3 of another", {"nearness"}),
        ("unseen, noise 0.1", {"stray ink"}),
    ],
)
def test_each_fake_is_caught_by_what_should_catch_it(
    seen: dict[str, dict[str, float]], fake: str, measures: set[str]
) -> None:
    assert caught(seen[fake]) == measures, seen[fake]
