"""The data sets of an exercise, and what each needs beside its data: a card and a licence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course.documents import dataset_toml
from autograder.course.documents.dataset_toml import TableEntry
from autograder.course.exercise import Exercise, Root, settings_of

__all__ = ["faults", "of_exercise"]

_CARDS = ("README.md", "card.md")
_LICENCE = re.compile(r"(licen[cs]e|copying)([-_.].*)?", re.I)
_SAID = {
    "its source": re.compile(r"\bsource\b", re.I),
    "its licence": re.compile(r"licen[cs]e", re.I),
}


def of_exercise(exercise: Exercise, root: Root) -> tuple[str, ...]:
    """Return the names of the data sets that students get or that the checks name."""
    checks = (exercise.conftest, exercise.visible, exercise.hidden)
    text = "".join(path.read_text("utf-8") for path in checks if path.exists())
    given = settings_of(exercise).data
    return tuple(
        name
        for name in dataset_toml.names(root.datasets)
        if name in given or f'"{name}"' in text or f"'{name}'" in text
    )


def faults(root: Root, name: str) -> Iterator[str]:
    """Yield a sentence for each thing that the folder of a data set lacks.

    It needs a card, README.md or card.md, which tells the source, the licence and every column that
    is read, and the text of the licence in a file whose name begins with LICENSE.
    """
    folder = root.datasets / name
    if not any(_has_text(path) for path in folder.iterdir() if _LICENCE.fullmatch(path.name)):
        yield "has no licence text: put it into a file LICENSE.txt in the folder"
    cards = [folder / card for card in _CARDS if _has_text(folder / card)]
    if not cards:
        yield (
            "has no card: write README.md in the folder, which says what the data are, where they "
            "come from, their licence, and the columns with their units"
        )
        return
    card = cards[0].read_text("utf-8")
    for what, pattern in _SAID.items():
        if not pattern.search(card):
            yield f"{cards[0].name} does not say {what}"
    for column in _columns(root, name):
        if column not in card:
            yield f"{cards[0].name} does not say what the column {column!r} is, and its unit"


def _columns(root: Root, name: str) -> Iterator[str]:
    entry = dataset_toml.entry(root.datasets, name)
    if isinstance(entry, TableEntry):
        for array in entry.arrays.values():
            yield from array.names


def _has_text(path: Path) -> bool:
    return path.is_file() and bool(path.read_text("utf-8", "replace").strip())
