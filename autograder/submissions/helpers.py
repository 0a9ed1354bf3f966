"""Python files beside an answer: which modules the answer imports, and where they lie.

A submission is text here: nothing is run, and a line that looks like an import counts as one.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.submissions import file_names
from autograder.submissions.found_file import Location
from autograder.submissions.owners import OwnedFile

__all__ = [
    "HelperFile",
    "Helpers",
    "SourceText",
    "bound_names",
    "digest_of",
    "helper_files",
    "is_for_pytest",
]

MOST = 50
_IMPORT = re.compile(r"(?:^|[;:])[ \t]*import[ \t]+([^\n#;]+)", re.MULTILINE)
_FROM = re.compile(
    r"(?:^|[;:])[ \t]*from[ \t]+(?P<dots>\.*)[ \t]*(?P<module>[\w.]*)[ \t]+import[ \t]+"
    r"(?:\((?P<several>[^)]*)\)|(?P<names>[^\n#;]+))",
    re.MULTILINE,
)
_BY_NAME = re.compile(r"\bimport(?:_module|__)\([ \t]*[\"']([\w.]+)[\"']")
_FILE = re.compile(r"\b([^\W\d]\w*)\.py\b")
_BOUND = re.compile(
    r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)
_FOR_PYTEST = re.compile(r"test_.*|.*_test|conftest")


@dataclass(frozen=True, slots=True)
class HelperFile:
    """A Python file that an answer imports; `name` is its path beside the answer."""

    name: str
    source: str
    sha256: str
    location: Location


@dataclass(frozen=True, slots=True)
class SourceText:
    """A student's Python file: its code, and the digest of its bytes.

    The code is None where nobody needs it, and where it cannot be read.
    """

    owned: OwnedFile
    code: str | None
    sha256: str


@dataclass(slots=True)
class Helpers:
    """One student's Python files by the folder and the name under which an import finds them."""

    files: Sequence[SourceText]
    _places: dict[tuple[str, ...], list[SourceText]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        for file in self.files:
            folder, name = file.owned.file.parts[:-1], file.owned.name
            stem, _, ending = name.rpartition(".")
            plain = file_names.without_copy_number(stem) + "." + ending
            for place in {(*folder, name), (*folder, plain)}:
                self._places[place].append(file)

    def imported_by(self, answer: SourceText) -> dict[str, SourceText]:
        """Return the files that an answer imports, and those that these import, by their path."""
        root = answer.owned.file.parts[:-1]
        found: dict[str, SourceText] = {}
        waiting: list[tuple[SourceText, tuple[str, ...]]] = [(answer, ())]
        while waiting and len(found) < MOST:
            file, package = waiting.pop()
            for path in _imported_paths(file.code or "", package):
                name, helper = "/".join(path), self._at((*root, *path), answer)
                if helper is not None and helper is not answer and name not in found:
                    found[name] = helper
                    waiting.append((helper, path[:-1]))
        return found

    def _at(self, place: tuple[str, ...], answer: SourceText) -> SourceText | None:
        """Return the file at a place; of several the one that was handed in with the answer."""
        files = self._places.get(place, [])
        exact = [file for file in files if file.owned.name == place[-1]]

        def order(file: SourceText) -> tuple[bool, int, float, int]:
            owned = file.owned
            together = owned.attempt == answer.owned.attempt
            return (together, owned.attempt, owned.file.modified, owned.copy)

        # On Canvas a later upload of the same name has a copy's number.
        several = files if answer.owned.attempt else exact or files
        return max(several, key=order, default=None)


def helper_files(imported: Mapping[str, SourceText]) -> tuple[HelperFile, ...]:
    """Return what `Helpers.imported_by` found as files to be handed to a worker."""
    return tuple(
        HelperFile(name, file.owned.file.display, file.sha256, file.owned.file.location)
        for name, file in sorted(imported.items())
    )


def digest_of(helpers: Iterable[HelperFile]) -> str:
    """Return the digest of helpers' names and bytes, '' without helpers."""
    named = "\n".join(f"{helper.name} {helper.sha256}" for helper in helpers)
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest() if named else ""


def bound_names(code: str) -> frozenset[str]:
    """Return the names that code binds at its top: by def, class, assignment and from-import.

    `from helper import *` binds the name `*`.
    """
    names = {first or second for first, second in _BOUND.findall(code)}
    for match in _FROM.finditer(code):
        names |= {part.split()[-1] for part in _parts(match["several"] or match["names"])}
    return frozenset(names)


def is_for_pytest(stem: str) -> bool:
    """Return whether pytest collects a Python file of this name: it holds tests of an answer."""
    return _FOR_PYTEST.fullmatch(stem.lower()) is not None


def _imported_paths(code: str, package: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the places of modules that code may import; `package` is the code's own folder."""
    for module in _imported_modules(code, package):
        if module and module[0] not in sys.stdlib_module_names:
            for end in range(1, len(module) + 1):
                yield (*module[: end - 1], f"{module[end - 1]}.py")
                yield (*module[:end], "__init__.py")


def _imported_modules(code: str, package: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for match in _IMPORT.finditer(code):
        for part in _parts(match[1]):
            yield tuple(part.split()[0].split("."))
    for match in _FROM.finditer(code):
        above = len(package) + 1 - len(match["dots"])
        start = package[: max(above, 0)] if match["dots"] else ()
        module = (*start, *filter(None, match["module"].split(".")))
        yield module
        for part in _parts(match["several"] or match["names"]):
            yield (*module, part.split()[0])
    for match in _BY_NAME.finditer(code):
        yield tuple(match[1].split("."))
    for match in _FILE.finditer(code):  # %run helper.py, exec(open("helper.py").read())
        yield (match[1],)


def _parts(names: str) -> list[str]:
    """Return the parts `name` and `name as other` of an import, without comments."""
    plain = re.sub(r"#[^\n]*", "", names)
    parts = [part.strip(" \t\n\\") for part in plain.split(",")]
    return [part for part in parts if re.fullmatch(r"[\w.]+(?:\s+as\s+\w+)?|\*", part)]
