"""Trained models that lie beside a notebook, for exercises that accept one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.errors import UnreadableFile
from autograder.submissions import file_names
from autograder.submissions.owners import OwnedFile
from autograder.submissions.scan import Location, Reader

ENDING = ".keras"


@dataclass(frozen=True, slots=True)
class PretrainedFile:
    """A model file that was handed in: nobody on the trusted side looks into it."""

    source: str
    sha256: str
    location: Location


def brought(
    owned: Sequence[OwnedFile], models: Mapping[str, str], reader: Reader
) -> dict[str, PretrainedFile | str]:
    """Return one student's model for each exercise, or why it cannot be used.

    `models` says which exercise accepts a model, and under which name. A file of that name is it,
    or one whose name or folder says which exercise it is for; of several, the latest.
    """
    files = [one for one in owned if one.item.suffix == ENDING]
    found: dict[str, PretrainedFile | str] = {}
    for exercise, name in models.items():
        theirs = [one for one in files if _is_for(one, exercise, name, models)]
        if theirs:
            found[exercise] = _read(max(theirs, key=_order), reader)
    return found


def _is_for(one: OwnedFile, exercise: str, name: str, exercises: Collection[str]) -> bool:
    if file_names.without_copy_number(one.stem).casefold() == PurePosixPath(name).stem.casefold():
        return one.folder_exercise in ("", exercise)
    return (file_names.exercise_in(one.stem, exercises) or one.folder_exercise) == exercise


def _order(one: OwnedFile) -> tuple[int, float, int, str]:
    when = 0.0 if one.attempt else one.item.modified
    return (one.attempt, when, one.copy, one.item.display)


def _read(one: OwnedFile, reader: Reader) -> PretrainedFile | str:
    if one.item.fault:
        return one.item.fault
    try:
        content = reader.read(one.item.location)
    except UnreadableFile as error:
        return str(error)
    digest = hashlib.sha256(content).hexdigest()
    return PretrainedFile(one.item.display, digest, one.item.location)
