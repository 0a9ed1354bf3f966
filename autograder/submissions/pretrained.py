"""Trained models that lie beside a notebook, for exercises that accept one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.errors import UnreadableFile
from autograder.submissions import file_names
from autograder.submissions.found_file import Location
from autograder.submissions.listing import shown
from autograder.submissions.owners import OwnedFile
from autograder.submissions.scan import Reader

__all__ = ["ENDING", "PretrainedFile", "pretrained_files"]

ENDING = ".keras"
_OTHER_MODELS = (
    # The first that fits the whole path, in small letters.
    (
        r".*\.keras\.zip(?:/.*)?",
        "was packed or renamed: the ending is .keras.zip",
    ),
    (
        r".*\.weights(?:\.h5|\.hdf5)?|.*/checkpoint|.*\.(?:index|ckpt|data-\d+-of-\d+)",
        "holds weights without the network that they belong to",
    ),
    (r".*\.(?:h5|hdf5)", "is a model in the old HDF5 format, or weights alone"),
    (r"(?:.*/)?(?:saved_model\.pb|keras_metadata\.pb)", "is a model in TensorFlow's own format"),
    (r".*\.(?:pb|tflite|onnx|pt|pth|pkl|joblib)", "is a model in another format"),
    (r".*\.keras\.[^/]+", "is named like an unfinished or renamed download"),
    (r".*\.keras", "has another name"),
)


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
    has this name, or whose name or folder names the exercise; of several files the latest. Where
    there is none, the text says which file looks like a model that was saved or packed otherwise.
    """
    candidates = [owned for owned in owned_files if owned.file.suffix == ENDING]
    models_by_exercise: dict[str, PretrainedFile | str] = {}
    for exercise, name in models.items():
        matching = [owned for owned in candidates if _is_for(owned, exercise, name, models)]
        if matching:
            models_by_exercise[exercise] = _read(max(matching, key=_order), reader)
            continue
        left = [o for o in owned_files if not _is_for_any(o, models)]
        if other := _other_model(left, exercise, name):
            models_by_exercise[exercise] = other
    return models_by_exercise


def _other_model(owned_files: Sequence[OwnedFile], exercise: str, name: str) -> str:
    """Return a sentence on a file that may be a model, but not as the exercise takes it."""
    for owned in sorted(owned_files, key=lambda owned: owned.file.display):
        if owned.is_nothing or owned.folder_exercise not in ("", exercise):
            continue
        path = "/".join((*owned.file.parts[:-1], owned.name)).lower()
        said = next((said for kind, said in _OTHER_MODELS if re.fullmatch(kind, path, re.S)), "")
        if said:
            file = re.split(r"(?<=\.keras\.zip):", shown(owned.file.display), flags=re.I)[0]
            return (
                f"{file} {said}. This exercise takes a file {name}: save it with "
                f'model.save("{name}") and hand in that file as it is.'
            )
    return ""


def _is_for_any(owned: OwnedFile, models: Mapping[str, str]) -> bool:
    if owned.file.suffix != ENDING:
        return False
    return any(_is_for(owned, exercise, name, models) for exercise, name in models.items())


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
