"""A complete small exercise to begin with, written from the templates of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from autograder.course.exercise import Root
from autograder.errors import CannotBegin

__all__ = [
    "DECIDE",
    "TODO",
    "Decision",
    "begin",
    "check_name",
    "decisions",
    "kinds",
    "list_in_index",
]

DECIDE = "DECIDE: "
"""Marks a line of a new exercise on which its author has to decide something."""

TODO = "TODO: "
"""Marks a line of an exercise on which its author has to finish what came from a notebook."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SUFFIX = ".tmpl"
_DECISION = re.compile(rf"(?:{DECIDE}|{TODO})(?P<text>.*?)(?:\s*-->.*)?$")


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision to be made: its file, the line (from 1) and what has to be decided."""

    path: Path
    line: int
    text: str


def kinds() -> tuple[str, ...]:
    """Return the kinds of exercises that there are templates for."""
    return tuple(sorted(entry.name for entry in _templates().iterdir() if entry.is_dir()))


def begin(course: Root, name: str, kind: str) -> tuple[Path, ...]:
    """Write an exercise of this kind under solutions/, and its data set under datasets/.

    The kind is one of `kinds()`. Returns the files that were written. Raises CannotBegin for a name
    that cannot be used; nothing is written then.
    """
    check_name(course, name)
    written = []
    for path, text in _texts(course, name, kind).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        written.append(path)
    return (*written, list_in_index(course, name))


def check_name(course: Root, name: str) -> None:
    """Raise CannotBegin for a name that is taken, or that does not fit file, function and link."""
    if not _NAME.fullmatch(name):
        raise CannotBegin(
            f"an exercise cannot be called {name!r}: its name begins with a small letter and holds "
            "small letters, digits and underscores, at most 40"
        )
    for folder in (course.path / "solutions" / name, course.datasets / name):
        if folder.exists():
            raise CannotBegin(
                f"{folder} is there already: choose another name, or remove the folder"
            )


def list_in_index(course: Root, name: str) -> Path:
    """Add the exercise to exercises/README.md, whose lines name the exercises of a course."""
    path = course.path / "exercises" / "README.md"
    text = path.read_text("utf-8") if path.exists() else "# Exercises\n\n"
    if f"({name}/)" not in text:
        path.parent.mkdir(exist_ok=True)
        line = f"- [{_title(name)}]({name}/): <!-- {DECIDE}say in a sentence what it asks. -->"
        path.write_text(
            f"{text.rstrip()}\n{line}\n" if "- [" in text else f"{text}{line}\n", "utf-8"
        )
    return path


def decisions(name: str, paths: tuple[Path, ...]) -> Iterator[Decision]:
    """Yield the decisions that are marked in these files, of the index those of exercise `name`."""
    for path in paths:
        is_index = path.name == "README.md" and path.parent.name == "exercises"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            found = _DECISION.search(line)
            if found and (not is_index or f"({name}/)" in line):
                yield Decision(path, number, found["text"])


def _title(name: str) -> str:
    words = name.replace("_", " ")
    return words[0].upper() + words[1:]


def _texts(course: Root, name: str, kind: str) -> Mapping[Path, str]:
    """Return the files of a new exercise and what they hold."""
    names = {"name": name, "title": _title(name)}
    texts = {}
    for folder in ("solutions", "datasets"):
        for relative, text in _files(_templates() / kind / folder, ""):
            target = course.path / folder / name / relative.removesuffix(_SUFFIX)
            is_template = relative.endswith(_SUFFIX)
            texts[target] = Template(text).substitute(names) if is_template else text
    return texts


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_text("utf-8")


def _templates() -> Traversable:
    return files("autograder.authoring") / "templates"
