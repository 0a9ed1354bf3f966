"""Puts the course's own cells of a submitted notebook right before nbgrader reads them.

A student's notebook is untrusted: cells deleted, edited, copied, moved and converted, metadata of
any type. nbgrader fails the whole submission on much of that, and the whole batch on some.
What an ordinary reading of a notebook needs (a list of cells, each a dictionary with metadata that
is one) has been checked by then: nbformat refuses the file otherwise, for that student only.
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
from autograder.nbgrader.authored import Authored, Course, course_notebook
from autograder.text import printable

NOTES = "restored"  # in nb.metadata.autograder: what was put right, a list of sentences
_MAKERS = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
_ROLES = ("grade", "solution", "locked", "task")


class RestoreCells(NbGraderPreprocessor):
    """Runs first of all that sanitizes: after it nbgrader's own find nothing to fail on.

    Known by its grade_id (else by its notebook's cell id), each cell of the course is there once,
    in the course's order, of its type, with its metadata; locked ones with their source. Of copies
    of an answer the last that was worked on counts. Whatever else the student has stays.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Restore one notebook; say what was put right in the log and in its metadata."""
        known = resources["nbgrader"]
        try:
            course = course_notebook(self, known)
        except OldSchema:
            return nb, resources
        if course is not None:
            notes = restore(nb, course)
            for note in notes:
                self.log.warning("%s/%s: %s", known.get("student"), known["notebook"], note)
            _write_down(nb, notes)
        return nb, resources


def restore(nb: NotebookNode, course: Course) -> list[str]:
    """Put the course's cells right in `nb`; return what was done, a sentence each."""
    work = _Restoration(nb, course)
    work.make_valid()
    work.claim()
    work.single_out()
    for slot in work.slots:
        work.put_right(slot)
    work.put_in_order()
    nb.cells = [slot.cell for slot in work.slots]
    return work.notes


@dataclass(slots=True, eq=False)
class _Slot:
    """A submitted cell, and which cell of the course it is, if any."""

    cell: NotebookNode
    own: Authored | None = None


@dataclass(slots=True)
class _Restoration:
    nb: NotebookNode
    course: Course
    slots: list[_Slot] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    validator: MetadataValidator = field(default_factory=MetadataValidator)

    def make_valid(self) -> None:
        """Rebuild what nbformat does not take for a cell: nbconvert would refuse the notebook."""
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
        """Find out which cells are the course's."""
        for cell in self.nb.cells:
            self.slots.append(_Slot(cell, self.course.cells.get(_grade_id(cell))))
        missing = self.course.cells.keys() - {slot.own.id for slot in self.slots if slot.own}
        nodes = {self.course.cells[id_].node_id: self.course.cells[id_] for id_ in missing}
        for slot in self.slots:
            if slot.own is None:
                slot.own = nodes.pop(_node_id(slot.cell), None)

    def single_out(self) -> None:
        """Leave one cell of each grade_id; its copies become ordinary cells, or go if untouched."""
        for one in self.course.cells.values():
            copies = [slot for slot in self.slots if slot.own is one]
            if len(copies) < 2:
                continue
            worked_on = [slot for slot in copies if not _same(slot.cell.source, one.released)]
            kept = copies[0] if one.locked else (worked_on or copies)[-1]
            for slot in copies:
                if slot is kept:
                    continue
                slot.own = None
                slot.cell.metadata.pop("nbgrader", None)
                if not one.locked and slot not in worked_on:
                    self.slots.remove(slot)
            which = "first" if one.locked else "last that was worked on"
            self.notes.append(f"{one.id}: was there {len(copies)} times; the {which} counts.")

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
        """Bring the course's cells into its order, what stands behind each with it; add missing."""
        groups: dict[str, list[_Slot]] = {"": []}
        name = ""
        for slot in self.slots:
            name = slot.own.id if slot.own else name
            groups.setdefault(name, []).append(slot)
        found = [id_ for id_ in groups if id_]
        if found != [id_ for id_ in self.course.cells if id_ in groups]:
            self.notes.append("The course's cells were in another order; its own is back.")
        ordered = groups[""]
        for one in self.course.cells.values():
            if one.id in groups:
                ordered += groups[one.id]
            else:
                ordered.insert(self._place(ordered, one), _Slot(self._anew(one), one))
                self.notes.append(f"{one.id}: was missing; it was put back as the course has it.")
        self.slots = ordered

    def _place(self, slots: list[_Slot], one: Authored) -> int:
        """Return where a missing cell goes among what stands before the next cell of the course.

        A test goes behind what the student has added, others before: who has written an answer into
        a cell of their own is not overruled by the stub.
        """
        start = max((number for number, slot in enumerate(slots, 1) if slot.own), default=0)
        found = [self.course.plain.get(_node_id(slot.cell)) for slot in slots[start:]]
        if one.is_test:
            later = (n for n, place in enumerate(found) if place is not None and place > one.place)
            return start + next(later, len(found))
        before = (n for n, place in enumerate(found, 1) if place is not None and place < one.place)
        return start + max(before, default=0)

    def _make_ordinary(self, cell: NotebookNode) -> None:
        """Take nbgrader's metadata from a cell that only claims to be the course's."""
        meta = cell.metadata.get("nbgrader")
        if "nbgrader" in cell.metadata and not (
            self._is_valid_metadata(cell) and not any(meta.get(role) for role in _ROLES)
        ):
            del cell.metadata["nbgrader"]
            name = printable(repr(_grade_id(cell) or meta))[:60]
            self.notes.append(f"A cell is none of the course's: its nbgrader {name} was removed.")

    def _agrees(self, cell: NotebookNode, own: Authored) -> bool:
        if not self._is_valid_metadata(cell):
            return False
        meta, right = cell.metadata.nbgrader, own.metadata()
        fixed = ("grade_id", "grade", "solution", "task")
        return (
            all(meta.get(key, False) == right[key] for key in fixed)
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

    def _anew(self, one: Authored) -> NotebookNode:
        cell = one.new()
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
    found = meta.get("grade_id") if isinstance(meta, dict) else None
    return found if isinstance(found, str) else ""


def _node_id(cell: NotebookNode) -> str:
    found = cell.get("id")
    return found if isinstance(found, str) else ""


def _same(one: str, other: str) -> bool:
    """Whether texts agree but for white space at the ends of lines, which editors take away."""
    return _trimmed(one) == _trimmed(other)


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
    made: NotebookNode = make(source if isinstance(source, str) else "")
    if "nbgrader" in cell.metadata:
        made.metadata.nbgrader = cell.metadata["nbgrader"]
    return made


def _write_down(nb: NotebookNode, notes: list[str]) -> None:
    if not isinstance(nb.metadata.get("autograder"), dict):
        nb.metadata.pop("autograder", None)
    elif NOTES in nb.metadata.autograder:
        del nb.metadata.autograder[NOTES]
    if notes:
        nb.metadata.setdefault("autograder", NotebookNode())[NOTES] = notes
