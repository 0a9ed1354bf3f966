"""Trained models that lie beside a notebook, for exercises that accept one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.errors import UnreadableFile
from autograder.submissions import file_names
from autograder.submissions.found_file import Location
from autograder.submissions.owners import OwnedFile
from autograder.submissions.scan import Reader

ENDING = ".keras"


@dataclass(frozen=True, slots=True)
class PretrainedFile:
    """A model file that was handed in. The grader never opens it: a student's worker does."""

    source: str
    sha256: str
    location: Location


def pretrained_files(
    owned_files: Sequence[OwnedFile], models: Mapping[str, str], reader: Reader
) -> dict[str, PretrainedFile | str]:
    """Return one student's model for each exercise; a text says why a model cannot be used.

    `models` maps each exercise that accepts a model to the model's file name. A file counts that
    has this name, or whose name or folder names the exercise; of several files the latest.
    """
    candidates = [owned for owned in owned_files if owned.file.suffix == ENDING]
    models_by_exercise: dict[str, PretrainedFile | str] = {}
    for exercise, name in models.items():
        matching = [owned for owned in candidates if _is_for(owned, exercise, name, models)]
        if matching:
            models_by_exercise[exercise] = _read(max(matching, key=_order), reader)
    return models_by_exercise


def _is_for(owned: OwnedFile, exercise: str, name: str, exercises: Collection[str]) -> bool:
    stem = file_names.without_copy_number(owned.stem)
    if stem.casefold() == PurePosixPath(name).stem.casefold():
        return owned.folder_exercise in ("", exercise)
    return (file_names.exercise_in(owned.stem, exercises) or owned.folder_exercise) == exercise


def _order(owned: OwnedFile) -> tuple[int, float, int, str]:
    modified = 0.0 if owned.attempt else owned.file.modified
    return (owned.attempt, modified, owned.copy, owned.file.display)


def _read(owned: OwnedFile, reader: Reader) -> PretrainedFile | str:
    file = owned.file
    if file.fault:
        return file.fault
    try:
        content = reader.read(file.location)
    except UnreadableFile as error:
        return str(error)
    return PretrainedFile(file.display, hashlib.sha256(content).hexdigest(), file.location)
