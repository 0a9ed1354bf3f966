"""A save is seen whatever the editor does; files that grading writes are no saves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring.saves import state, wait_for_save
from autograder.course.exercise import Exercise, Root


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    authored = tmp_path / "solutions" / "line"
    (authored / "wrong").mkdir(parents=True)
    (tmp_path / "datasets").mkdir()
    (authored / "solution.py").write_text("x = 1\n")
    return Exercise("line", authored, tmp_path / "exercises" / "line")


def _rewrite(path: Path) -> None:
    path.write_text("x = 22\n")


def _replace(path: Path) -> None:
    other = path.with_suffix(".swp")
    other.write_text("x = 333\n")
    other.replace(path)


@pytest.mark.parametrize("save", [_rewrite, _replace, Path.unlink])
def test_a_save_ends_the_wait(exercise: Exercise, save: Callable[[Path], object]) -> None:
    root = Root(exercise.authored.parents[1])
    before = state(exercise, root)
    seen: list[object] = []
    waiting = threading.Thread(
        target=lambda: seen.append(wait_for_save(exercise, root, before)), daemon=True
    )
    waiting.start()
    save(exercise.solution)
    waiting.join(60)
    assert seen == [state(exercise, root)]
    assert seen != [before]


def test_a_new_answer_and_a_data_set_count_and_records_do_not(exercise: Exercise) -> None:
    root = Root(exercise.authored.parents[1])
    before = state(exercise, root)
    (exercise.authored / "__pycache__").mkdir()
    (exercise.authored / "__pycache__" / "hidden.pyc").write_text("written by Python")
    (exercise.authored / "calibration.runs.jsonl").write_text("written by calibrate")
    assert state(exercise, root) == before
    (exercise.authored / "wrong" / "a.py").write_text("# fails: test_a\n")
    (root.datasets / "points.csv").write_text("x\n1\n")
    assert len(state(exercise, root)) == len(before) + 2
