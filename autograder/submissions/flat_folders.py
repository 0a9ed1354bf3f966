"""Finds whose the files of a flat folder are, where each student's name stands in the file's name.

Instructors name files so (`car_price_ada.ipynb`), and so does Google Classroom
(`Ada Example - car_price.ipynb`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

from autograder.submissions import file_names
from autograder.submissions.found_file import FoundFile
from autograder.submissions.ungraded import may_be_work, stem_of

__all__ = ["folders_of", "named_files", "wrapper_of"]

_OF_THE_CLASS = frozenset({"readme", "index", "license", "licence"})


def named_files(files: Sequence[FoundFile], exercises: Collection[str]) -> dict[FoundFile, str]:
    """Return the student of each file whose name says so, {} where it is no folder of a class.

    It is such a folder where the names of its notebooks are those of two students at least. Then
    files of any ending count, for a student may have handed in another file than a notebook.
    """
    around = wrapper_of(files, exercises)
    level = [f for f in files if folders_of(f, exercises) == around and not f.is_empty_folder]
    stems = {file: stem_of(file.parts[-1]) for file in level}
    in_front = {f: file_names.owner_in_front(stem, exercises) for f, stem in stems.items()}
    if len(set(in_front.values()) - {""}) > 1:
        return {file: owner for file, owner in in_front.items() if owner}
    if around:
        return {}  # more likely a student's own folder, with several versions in it
    owners = {file: file_names.owner_in(stem, exercises) for file, stem in stems.items()}
    notebooks = {f: owner for f, owner in owners.items() if owner and _is_answer(f, exercises)}
    if len(set(notebooks.values())) < 2:
        return {}
    rest = {f: owner for f, owner in owners.items() if owner and _is_other_work(f)}
    return notebooks | rest


def wrapper_of(files: Sequence[FoundFile], exercises: Collection[str]) -> tuple[str, ...]:
    """Return the folders around all files, outermost first, without exercises and homework."""
    levels = zip(*(folders_of(file, exercises) for file in files), strict=False)
    return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels))


def folders_of(file: FoundFile, exercises: Collection[str]) -> tuple[str, ...]:
    """Return the folders around a file, outermost first, without exercises and homework."""
    return tuple(
        part
        for part in file.parts[:-1]
        if part not in exercises and not file_names.is_homework(part)
    )


def _is_answer(file: FoundFile, exercises: Collection[str]) -> bool:
    return file.suffix == ".ipynb" or (
        file.is_notebook and file_names.exercise_in(file.stem, exercises) != ""
    )


def _is_other_work(file: FoundFile) -> bool:
    is_the_classes = file.stem.casefold() in _OF_THE_CLASS
    return not file.is_notebook and may_be_work(file.parts[-1]) and not is_the_classes
