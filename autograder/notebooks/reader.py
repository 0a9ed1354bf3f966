"""Reads a student's .ipynb or .py file into cells: untrusted bytes in, plain text out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from autograder.errors import UnreadableNotebook
from autograder.notebooks.encoding import as_text, unix_lines
from autograder.notebooks.file_size import MAX_FILE_BYTES, too_large
from autograder.notebooks.left_stubs import without_left_stubs
from autograder.notebooks.notebook_json import conflict, has_conflict, parse
from autograder.notebooks.percent import split
from autograder.notebooks.thinning import thinned

MAX_CELLS = 2_000
MAX_CELL_CODE = 1 << 16  # characters of one code cell: the longest text that crosses
MAX_NOTEBOOK_CODE = (
    500_000  # bytes of all code cells once JSON has escaped them: they cross in one frame
)
MAX_WARNINGS = 20

_MAX_SCRIPT = 4 << 20  # bytes: what surrounds the code as well
_TOO_MUCH_CODE = (
    f"{{size:,}} bytes of code, at most {MAX_NOTEBOOK_CODE:,} are read: "
    "keep data in a file, not in a cell"
)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EXERCISE = re.compile(r"\w[\w .-]{0,99}")  # a folder's name, and no path
_DEF = re.compile(r"^(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(", re.MULTILINE)
_FENCED = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1", re.MULTILINE | re.DOTALL)
_ZIP = b"PK\x03\x04"
_KINDS = {"code": "code", "markdown": "markdown", "raw": "raw", "heading": "markdown"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; kind is code, markdown or raw; line (from 1) is where a script's cell starts."""

    kind: str
    source: str
    id: str | None = None
    tags: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Notebook:
    """The cells of one file, without any output.

    `exercise` is what an .ipynb file's metadata say it answers, None where they say nothing.
    """

    cells: tuple[Cell, ...]
    exercise: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def code(self) -> tuple[Cell, ...]:
        """The code cells, in order."""
        return tuple(cell for cell in self.cells if cell.kind == "code")


@dataclass(frozen=True, slots=True)
class Glance:
    """What a file's metadata say it answers, '' for nothing; broken without code to grade."""

    exercise: str
    is_broken: bool = False


def read(data: bytes, suffix: str) -> Notebook:
    """Read the bytes of a file whose name ends in `suffix` (.ipynb or .py).

    Raises UnreadableNotebook, and nothing else, for a file without code to grade.
    """
    notebook, warnings = _with_code(data, suffix.lower())
    warnings += [*notebook.warnings, *_too_long(notebook), *_misplaced(notebook)]
    warnings += _conflicts(notebook)
    cells = tuple(replace(c, source="") if _is_too_long(c) else c for c in notebook.cells)
    cells, notes = _without_left_stubs(cells)
    return Notebook(cells, notebook.exercise, tuple([*notes, *warnings][:MAX_WARNINGS]))


def glance(data: bytes, suffix: str) -> Glance:
    """Return what a file answers, without a look at its code: a class has many files."""
    try:
        notebook, _ = _with_code(data, suffix.lower())
    except UnreadableNotebook:
        return Glance(stated_exercise(data, suffix), is_broken=True)
    return Glance(notebook.exercise or "")


def _with_code(data: bytes, suffix: str) -> tuple[Notebook, list[str]]:
    """Return a file's cells as they stand there, and warnings; raises UnreadableNotebook."""
    if suffix not in (".ipynb", ".py"):
        raise UnreadableNotebook(
            f"a file ending in {suffix[:20]!r}: please hand in an .ipynb or .py file"
        )
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableNotebook(too_large(len(data)))
    if not data.strip(b" \t\r\n\0"):
        raise UnreadableNotebook("the file is empty: save your work and hand in again")
    text, warnings = _text(data, suffix)
    notebook = _read_text(text, suffix)
    _check_code(notebook)
    return notebook, warnings


def _without_left_stubs(cells: tuple[Cell, ...]) -> tuple[tuple[Cell, ...], list[str]]:
    numbers = [number for number, cell in enumerate(cells) if cell.kind == "code"]
    sources, found = without_left_stubs([cells[number].source for number in numbers])
    kept = list(cells)
    for number, source in zip(numbers, sources, strict=True):
        kept[number] = replace(cells[number], source=source)
    notes = [
        f"cell {numbers[stub.cell] + 1} holds the released stub of `{stub.function}`, below your "
        f"answer in cell {numbers[stub.answer] + 1}: the answer counts, the stub was left out"
        for stub in found
    ]
    return tuple(kept), notes


def stated_exercise(data: bytes, suffix: str) -> str:
    """Return the exercise that the metadata of an .ipynb file name, '' where they name none.

    A file that cannot be read names none, and nor does a .py file, whatever it holds.
    """
    if suffix.lower() != ".ipynb" or data.startswith(_ZIP):
        return ""
    text, _ = _text(data, suffix)
    if '"autograder"' not in text:
        return ""  # spares the parsing of most files
    try:
        return _exercise(parse(text)) or ""
    except UnreadableNotebook:
        return ""


def demos(released: Notebook) -> frozenset[str]:
    """Return the sources of an exercise's own demonstration cells, which need not run again."""
    return frozenset(cell.source for cell in released.code if "demo" in cell.tags)


def wire_cells(notebook: Notebook, skip: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the code cells as the student worker takes them; sources in `skip` will not run."""
    skipped = frozenset(skip)
    return [{"source": cell.source, "skip": cell.source in skipped} for cell in notebook.code]


def _text(data: bytes, suffix: str) -> tuple[str, list[str]]:
    if data.startswith(_ZIP):
        raise UnreadableNotebook(
            "the file is a zip archive with another name: hand in the notebook itself"
        )
    is_json = suffix == ".ipynb" or data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    if not is_json and len(data) > _MAX_SCRIPT:
        raise UnreadableNotebook(_TOO_MUCH_CODE.format(size=len(data)))
    return as_text(thinned(data) if is_json else data, is_script=suffix == ".py")


def _read_text(text: str, suffix: str) -> Notebook:
    if suffix == ".ipynb":
        return _notebook(parse(text))
    if text.lstrip()[:1] == "{" and '"cells"' in text:
        warning = "a notebook whose name ends in .py; read as a notebook"
        return replace(_notebook(parse(text), (warning,)), exercise=None)
    if has_conflict(text):
        raise UnreadableNotebook(conflict(text))
    cells = tuple(
        Cell(part.kind, part.source, _id(part.options.get("id")), _tags(part.options), part.line)
        for part in split(text)
    )
    return Notebook(cells)


def _notebook(value: Any, warnings: tuple[str, ...] = ()) -> Notebook:
    nodes = _cell_nodes(value)
    if nodes is None:
        raise UnreadableNotebook("the file is JSON, but not a notebook: it has no list of cells")
    if len(nodes) > MAX_CELLS:
        raise UnreadableNotebook(
            f"the notebook has {len(nodes)} cells, at most {MAX_CELLS} are read"
        )
    parsed = [_cell(node) for node in nodes]
    notes = [*warnings, *_language(value)]
    if None in parsed:
        notes.append(f"cell {parsed.index(None) + 1} is not a notebook cell and was left out")
    cells = tuple(cell for cell in parsed if cell is not None)
    ids = [cell.id for cell in cells if cell.id]
    if len(set(ids)) < len(ids):
        notes.append("some cells are there twice; all run in order, the last definition counts")
    return Notebook(cells, _exercise(value), tuple(notes))


def _cell_nodes(value: Any) -> list[Any] | None:
    """The cells of nbformat 4, or of nbformat 3's worksheets one after the other."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("cells"), list):
        return list(value["cells"])
    sheets = value.get("worksheets")
    if not isinstance(sheets, list):
        return None
    lists = [sheet["cells"] for sheet in sheets if isinstance(_get(sheet, "cells"), list)]
    return [cell for cells in lists for cell in cells]


def _cell(node: Any) -> Cell | None:
    kind = _KINDS.get(str(_get(node, "cell_type")))
    source = _get(node, "source")
    if source is None:
        source = _get(node, "input")  # nbformat 3
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if kind is None or not isinstance(source, str):
        return None
    return Cell(kind, unix_lines(source), _id(_get(node, "id")), _tags(_get(node, "metadata")))


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _tags(metadata: Any) -> tuple[str, ...]:
    tags = _get(metadata, "tags")
    if not isinstance(tags, list):
        return ()
    return tuple(unix_lines(tag) for tag in tags[:20] if isinstance(tag, str) and len(tag) <= 100)


def _exercise(value: Any) -> str | None:
    name = _get(_get(_get(value, "metadata"), "autograder"), "exercise")
    return name if isinstance(name, str) and _EXERCISE.fullmatch(name) else None


def _language(value: Any) -> list[str]:
    metadata = _get(value, "metadata")
    name = _get(_get(metadata, "language_info"), "name")
    name = name or _get(_get(metadata, "kernelspec"), "language")
    if not isinstance(name, str) or name.lower() in ("python", "ipython", ""):
        return []
    return [f"the notebook says its language is {unix_lines(name[:30])!r}; it is run as Python"]


def _check_code(notebook: Notebook) -> None:
    if notebook.code and all(_is_too_long(cell) for cell in notebook.code):
        raise UnreadableNotebook(_too_long(notebook)[0])
    if not any(cell.source.strip() for cell in notebook.code):
        raise UnreadableNotebook(
            "there is no code cell with anything in it: did you hand in another file?"
        )
    size = sum(len(json.dumps(cell.source)) for cell in notebook.code)
    if size > MAX_NOTEBOOK_CODE:
        raise UnreadableNotebook(_TOO_MUCH_CODE.format(size=size))


def _is_too_long(cell: Cell) -> bool:
    return cell.kind == "code" and len(cell.source) > MAX_CELL_CODE


def _too_long(notebook: Notebook) -> list[str]:
    return [
        f"cell {number} has {len(cell.source):,} characters, at most {MAX_CELL_CODE:,} are run: "
        "it was left out; keep data in a file, not in a cell"
        for number, cell in enumerate(notebook.cells, 1)
        if _is_too_long(cell)
    ]


def _misplaced(notebook: Notebook) -> list[str]:
    """Warn of functions that stand in text cells only: an answer cell turned by accident."""
    coded = {name for cell in notebook.code for name in _DEF.findall(cell.source)}
    warnings = []
    for number, cell in enumerate(notebook.cells, 1):
        names = [] if cell.kind == "code" else _DEF.findall(_FENCED.sub("", cell.source))
        lost = [name[:60] for name in names if name not in coded]
        if lost:
            warnings.append(
                f"cell {number} is a {cell.kind} cell but defines {lost[0]}: it was not run; "
                "turn it back into a code cell"
            )
    return warnings


def _conflicts(notebook: Notebook) -> list[str]:
    return [
        f"cell {number} holds merge-conflict markers (<<<<<<<): choose one version"
        for number, cell in enumerate(notebook.cells, 1)
        if cell.kind == "code" and has_conflict(cell.source)
    ]
