"""The course's own version of a notebook: cells from the gradebook, order from the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook, MissingEntry, Notebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from traitlets.config import Configurable

from autograder.errors import OldSchema

_SCHEMA: int = MetadataValidator.schema_version


@dataclass(frozen=True, slots=True)
class Authored:
    """A cell that nbgrader knows. `source` has the hidden tests, `released` is what students got.

    `node_id` is the notebook's own id of the cell, `place` its number in the notebook.
    """

    id: str
    kind: str
    source: str
    released: str
    grade: bool
    solution: bool
    task: bool
    locked: bool
    points: float | None
    checksum: str | None
    tags: tuple[str, ...] = ()
    node_id: str | None = None
    place: int = 0

    @property
    def is_test(self) -> bool:
        """Whether the cell tests what stands before it."""
        return self.grade and not self.solution

    def metadata(self) -> NotebookNode:
        """Return what nbgrader keeps with the cell."""
        found = {
            "schema_version": _SCHEMA,
            "grade_id": self.id,
            "grade": self.grade,
            "solution": self.solution,
            "task": self.task,
            "locked": self.locked,
            "cell_type": self.kind,
        }
        optional = {"points": self.points, "checksum": self.checksum}
        return NotebookNode(found | {k: v for k, v in optional.items() if v is not None})

    def new(self) -> NotebookNode:
        """Return the cell as it is before any student has seen it, hidden tests included."""
        make = new_code_cell if self.kind == "code" else new_markdown_cell
        cell: NotebookNode = make(self.source, metadata={"deletable": False})
        if self.locked:
            cell.metadata.editable = False
        if self.tags:
            cell.metadata.tags = list(self.tags)
        if self.node_id:
            cell.id = self.node_id
        cell.metadata.nbgrader = self.metadata()
        return cell


@dataclass(frozen=True, slots=True)
class Course:
    """A notebook's cells by grade_id, in order, and the places of its others by their own ids."""

    cells: Mapping[str, Authored]
    plain: Mapping[str, int]


def course_notebook(asking: Configurable, known: dict[str, Any]) -> Course | None:
    """Return the course's version of a submitted notebook; None when the gradebook has none.

    `asking` is a preprocessor, through which configuration and the course's folders are found;
    `known` is nbconvert's resources["nbgrader"]. Raises OldSchema.
    """
    with Gradebook(known["db_url"]) as gradebook:
        try:
            notebook = gradebook.find_notebook(known["notebook"], known["assignment"])
        except MissingEntry:
            return None
        cells = {cell.id: cell for cell in _recorded(asking, notebook)}
    for source in _notebooks(asking, known):
        found = _in_order(cells, source)
        if len(found.cells) == len(cells):
            return found
    # The gradebook keeps no order, but nbgrader puts the cells in one by one, from the top.
    return Course(cells, {})


def _recorded(asking: Configurable, notebook: Notebook) -> Iterator[Authored]:
    graded = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    grades = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    for cell in notebook.source_cells:
        found = Authored(
            id=cell.name,
            kind=cell.cell_type,
            source=cell.source or "",
            released="",
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            locked=cell.locked,
            points=graded.get(cell.name),
            checksum=cell.checksum,
        )
        yield replace(found, released=_cleared(asking, found))


def _cleared(asking: Configurable, authored: Authored) -> str:
    """Return the source without what `nbgrader generate_assignment` takes out after saving it."""
    cell = authored.new()
    tests = ClearHiddenTests(parent=asking, enforce_metadata=False)
    scheme = ClearMarkScheme(parent=asking, enforce_metadata=False, check_attachment_leakage=False)
    for clear in (tests, scheme):
        cell, _ = clear.preprocess_cell(cell, {}, 0)
    return str(cell.source)


def _notebooks(asking: Configurable, known: dict[str, Any]) -> Iterator[NotebookNode]:
    """Yield the released notebook and the one it was made of, where they are still there."""
    course = _course_folders(asking)
    if course is None:
        return
    for step in (course.release_directory, course.source_directory):
        folder = Path(course.format_path(step, ".", known["assignment"]))
        path = folder / f"{known['notebook']}.ipynb"
        if path.is_file():
            yield nbformat.read(path, as_version=4)


def _course_folders(asking: Configurable) -> CourseDirectory | None:
    """Return the course's folders: the converter has them that runs the preprocessor."""
    place: Any = asking
    while place is not None:
        found = getattr(place, "coursedir", None)
        if isinstance(found, CourseDirectory):
            return found
        place = getattr(place, "parent", None)
    return None


def _in_order(cells: Mapping[str, Authored], notebook: NotebookNode) -> Course:
    """Return those of the cells that the course's notebook has, as they stand there."""
    ordered: dict[str, Authored] = {}
    plain: dict[str, int] = {}
    for place, node in enumerate(notebook.cells):
        meta = node.metadata.get("nbgrader")
        if meta and meta.get("schema_version", 0) < _SCHEMA:
            raise OldSchema(f"the course's notebook has cells of schema {meta}")
        one = cells.get(meta.get("grade_id", "")) if meta else None
        if one is not None:
            tags = tuple(node.metadata.get("tags", ()))
            ordered[one.id] = replace(one, tags=tags, node_id=node.get("id"), place=place)
        elif "id" in node:
            plain[node.id] = place
    return Course(ordered, plain)
