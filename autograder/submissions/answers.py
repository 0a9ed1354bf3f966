"""Decides which exercise a file answers: one rule for `grade`, which reads a class, and `check`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.submissions import file_names


@dataclass(frozen=True, slots=True)
class Answer:
    """Which exercise a file answers; `is_sure` when the file says so itself."""

    exercise: str
    is_sure: bool
    note: str = ""


def exercise_answered(
    stated: str,
    stem: str,
    folders: Sequence[str],
    exercises: Collection[str],
    default: str = "",
) -> Answer | None:
    """Return the exercise by notebook metadata, file name, folder or default, in this order.

    `stated` is what the notebook's metadata name (`notebooks.reader.glance`), `stem` the
    student's own file name without its ending (`owners.own_stem`), `folders` the names of the
    folders around the file, outermost first. Returns None where nothing names an exercise.

    >>> exercise_answered("", "ada_car_price", ("homework",), {"car_price"}).exercise
    'car_price'
    """
    named = file_names.exercise_in(stem, exercises)
    if stated in exercises:
        differs = named not in ("", stated)
        note = f"The file is named after {named}, but it is the notebook of {stated}."
        return Answer(stated, is_sure=True, note=note if differs else "")
    if named:
        return Answer(named, is_sure=True)
    assumed = exercise_of_folders(folders, exercises) or default
    return Answer(assumed, is_sure=False) if assumed else None


def exercise_of_folders(folders: Sequence[str], exercises: Collection[str]) -> str:
    """Return the innermost folder that is named exactly like an exercise, '' without one."""
    return next((folder for folder in reversed(folders) if folder in exercises), "")
