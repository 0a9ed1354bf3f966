"""Restores the course's cells in a submitted notebook before nbgrader reads them.

A student's notebook is untrusted: cells deleted, edited, copied, moved and converted, metadata of
any type. nbgrader fails the whole submission on many of these, and the whole batch on some.
nbformat has checked before that the notebook is a list of cells, each a dictionary whose metadata
are a dictionary; it refuses another file, for that student only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.errors import OldSchema
from autograder.nbgrader.authored import AuthoredCell, AuthoredNotebook, authored_notebook
from autograder.text import printable

NOTES = "restored"  # in nb.metadata.autograder: a list of sentences, one for each change
_MAKERS = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
_ROLES = ("grade", "solution", "locked", "task")


class RestoreCells(NbGraderPreprocessor):
    """Runs first of the preprocessors that sanitize, so that nbgrader's do not fail.

    Afterwards each cell of the course, recognised by its grade_id or else by the notebook's cell
    id, is there once, in the course's order, of its type and with its metadata; a locked cell also
    has the course's source. Of copies of an answer the last that the student changed counts. All
    other cells stay.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Restore one notebook; the log and the notebook's metadata say what was restored."""
        ids = resources["nbgrader"]
        try:
            course = authored_notebook(self, ids)
        except OldSchema:
            return nb, resources
        if course is not None:
            notes = restore(nb, course)
            for note in notes:
                self.log.warning("%s/%s: %s", ids.get("student"), ids["notebook"], note)
            _write_down(nb, notes)
        return nb, resources


def restore(nb: NotebookNode, course: AuthoredNotebook) -> list[str]:
    """Restore the course's cells in `nb`; return a sentence for each change."""
    restoration = _Restoration(nb, course)
    restoration.make_valid()
    restoration.claim()
    restoration.single_out()
    for slot in restoration.slots:
        restoration.put_right(slot)
    restoration.put_in_order()
    nb.cells = [slot.cell for slot in restoration.slots]
    return restoration.notes


@dataclass(slots=True, eq=False)
class _Slot:
    """A submitted cell, and the cell of the course that it is, if any."""

    cell: NotebookNode
    own: AuthoredCell | None = None


@dataclass(slots=True)
class _Restoration:
    nb: NotebookNode
    course: AuthoredNotebook
    slots: list[_Slot] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    validator: MetadataValidator = field(default_factory=MetadataValidator)

    def make_valid(self) -> None:
        """Rebuild cells that nbformat refuses: nbconvert would refuse the whole notebook."""
        if not _is_valid(self.nb):
            for number, cell in enumerate(self.nb.cells, 1):
                if not _is_valid_cell(cell):
                    self.nb.cells[number - 1] = self._fitted(_rebuilt(cell))
                    self.notes.append(f"Cell {number} was malformed; its type and text were kept.")
        if not _is_valid(self.nb):
            self.nb.metadata, self.nb.nbformat_minor = NotebookNode(), 5
            for cell in self.nb.cells:
                cell.setdefault("id", new_raw_cell().id)
            self.notes.append("The notebook's own metadata was malformed; it was removed.")

    def claim(self) -> None:
        """Recognise the course's cells."""
        for cell in self.nb.cells:
            self.slots.append(_Slot(cell, self.course.cells.get(_grade_id(cell))))
        missing = self.course.cells.keys() - {slot.own.id for slot in self.slots if slot.own}
        nodes = {self.course.cells[id_].node_id: self.course.cells[id_] for id_ in missing}
        for slot in self.slots:
            if slot.own is None:
                slot.own = nodes.pop(_node_id(slot.cell), None)

    def single_out(self) -> None:
        """Keep a single cell of each grade_id; copies become ordinary cells, or go if unchanged."""
        for own in self.course.cells.values():
            copies = [slot for slot in self.slots if slot.own is own]
            if len(copies) < 2:
                continue
            changed = [slot for slot in copies if not _same(slot.cell.source, own.released)]
            kept = copies[0] if own.locked else (changed or copies)[-1]
            for slot in copies:
                if slot is kept:
                    continue
                slot.own = None
                slot.cell.metadata.pop("nbgrader", None)
                if not own.locked and slot not in changed:
                    self.slots.remove(slot)
            which = "first" if own.locked else "last that was worked on"
            self.notes.append(f"{own.id}: was there {len(copies)} times; the {which} counts.")

    def put_right(self, slot: _Slot) -> None:
        """Restore a cell's type, source and metadata."""
        if slot.own is None:
            self._make_ordinary(slot.cell)
            return
        own, cell = slot.own, slot.cell
        if cell.cell_type != own.kind:
            self.notes.append(f"{own.id}: was a {cell.cell_type} cell; it is {own.kind} again.")
            _convert(cell, own.kind)
        texts = (own.released, own.source)
        if own.locked and not any(_same(cell.source, text) for text in texts):
            self.notes.append(f"{own.id}: its text was not the course's, which was put back.")
            cell.source = own.source
        # A tag can have nbclient skip a test, and a test without outputs has passed.
        if own.locked and tuple(cell.metadata.get("tags", ())) != own.tags:
            self.notes.append(f"{own.id}: had other tags; the course's were put back.")
            cell.metadata.tags = list(own.tags)
        if not self._agrees(cell, own):
            self.notes.append(f"{own.id}: its nbgrader metadata was not the course's; put back.")
            cell.metadata.nbgrader = own.metadata()

    def put_in_order(self) -> None:
        """Bring the course's cells into its order, each with the cells behind it; add missing."""
        groups: dict[str, list[_Slot]] = {"": []}
        name = ""
        for slot in self.slots:
            name = slot.own.id if slot.own else name
            groups.setdefault(name, []).append(slot)
        submitted = [id_ for id_ in groups if id_]
        if submitted != [id_ for id_ in self.course.cells if id_ in groups]:
            self.notes.append("The course's cells were in another order; its own is back.")
        ordered = groups[""]
        for own in self.course.cells.values():
            if own.id in groups:
                ordered += groups[own.id]
            else:
                ordered.insert(self._place(ordered, own), _Slot(self._anew(own), own))
                self.notes.append(f"{own.id}: was missing; it was put back as the course has it.")
        self.slots = ordered

    def _place(self, slots: list[_Slot], own: AuthoredCell) -> int:
        """Return where a missing cell goes among `slots`, which stand before the next course cell.

        A test goes behind the student's own cells, an answer before them: an answer that the
        student wrote into a cell of their own is not overruled by the stub.
        """
        start = max((number for number, slot in enumerate(slots, 1) if slot.own), default=0)
        places = [self.course.plain.get(_node_id(slot.cell)) for slot in slots[start:]]
        if own.is_test:
            later = (n for n, place in enumerate(places) if place is not None and place > own.place)
            return start + next(later, len(places))
        before = (n for n, place in enumerate(places, 1) if place is not None and place < own.place)
        return start + max(before, default=0)

    def _make_ordinary(self, cell: NotebookNode) -> None:
        """Remove nbgrader's metadata from a cell that only claims to be the course's."""
        meta = cell.metadata.get("nbgrader")
        if "nbgrader" in cell.metadata and not (
            self._is_valid_metadata(cell) and not any(meta.get(role) for role in _ROLES)
        ):
            del cell.metadata["nbgrader"]
            name = printable(repr(_grade_id(cell) or meta))[:60]
            self.notes.append(f"A cell is none of the course's: its nbgrader {name} was removed.")

    def _agrees(self, cell: NotebookNode, own: AuthoredCell) -> bool:
        if not self._is_valid_metadata(cell):
            return False
        meta, authored = cell.metadata.nbgrader, own.metadata()
        fixed = ("grade_id", "grade", "solution", "task")
        return (
            all(meta.get(key, False) == authored[key] for key in fixed)
            and meta.get("cell_type", own.kind) == own.kind
            and (own.points is None or meta.get("points") == own.points)
            and (own.grade or own.solution or meta.locked == own.locked)
        )

    def _is_valid_metadata(self, cell: NotebookNode) -> bool:
        meta = cell.metadata.get("nbgrader")
        version = meta.get("schema_version") if isinstance(meta, dict) else None
        if type(version) is not int or version != self.validator.schema_version:
            return False
        try:
            self.validator.validate_cell(cell)
        except ValidationError:
            return False
        return True

    def _anew(self, own: AuthoredCell) -> NotebookNode:
        cell = own.new()
        if any(_node_id(slot.cell) == cell.id for slot in self.slots):
            cell.id = new_raw_cell().id
        return self._fitted(cell)

    def _fitted(self, cell: NotebookNode) -> NotebookNode:
        """Return a new cell as this version of the format has it: older ones have no ids."""
        minor = self.nb.get("nbformat_minor")
        if isinstance(minor, int) and minor < 5:
            cell.pop("id", None)
        return cell


def _grade_id(cell: NotebookNode) -> str:
    meta = cell.metadata.get("nbgrader")
    grade_id = meta.get("grade_id") if isinstance(meta, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def _node_id(cell: NotebookNode) -> str:
    node_id = cell.get("id")
    return node_id if isinstance(node_id, str) else ""


def _same(text: str, other: str) -> bool:
    """Whether texts agree but for white space at the ends of lines, which editors take away."""
    return _trimmed(text) == _trimmed(other)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def _convert(cell: NotebookNode, kind: str) -> None:
    cell.cell_type = kind
    if kind == "code":
        cell.pop("attachments", None)
        cell.outputs, cell.execution_count = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
    if not _is_valid_cell(cell):  # each type has metadata of its own
        cell.metadata = NotebookNode()


def _is_valid(nb: NotebookNode) -> bool:
    if any(cell.get("cell_type") not in tuple(_MAKERS) for cell in nb.cells):
        return False  # nbformat itself fails on some
    try:
        nbformat.validate(nb, relax_add_props=True)
    except nbformat.ValidationError:
        return False
    return True


def _is_valid_cell(cell: NotebookNode) -> bool:
    minimal = NotebookNode(nbformat=4, nbformat_minor=5, metadata={}, cells=[{"id": "a"} | cell])
    return _is_valid(minimal)


def _rebuilt(cell: NotebookNode) -> NotebookNode:
    source = cell.get("source")
    kind = cell.get("cell_type")
    make = _MAKERS.get(kind if isinstance(kind, str) else "", new_raw_cell)
    rebuilt: NotebookNode = make(source if isinstance(source, str) else "")
    if "nbgrader" in cell.metadata:
        rebuilt.metadata.nbgrader = cell.metadata["nbgrader"]
    return rebuilt


def _write_down(nb: NotebookNode, notes: list[str]) -> None:
    if not isinstance(nb.metadata.get("autograder"), dict):
        nb.metadata.pop("autograder", None)
    elif NOTES in nb.metadata.autograder:
        del nb.metadata.autograder[NOTES]
    if notes:
        nb.metadata.setdefault("autograder", NotebookNode())[NOTES] = notes
