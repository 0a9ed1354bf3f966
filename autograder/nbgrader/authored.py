"""Reads the course's version of a notebook: cells from the gradebook, order from the release."""

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
class AuthoredCell:
    """A cell of the course, as nbgrader's gradebook has it.

    `id` is its grade_id, `source` its text with the hidden tests, `released` the text that students
    got. `node_id` is the notebook's own id of the cell, `place` its number in the notebook, from 0.
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
        """Return the cell's metadata.nbgrader."""
        required = {
            "schema_version": _SCHEMA,
            "grade_id": self.id,
            "grade": self.grade,
            "solution": self.solution,
            "task": self.task,
            "locked": self.locked,
            "cell_type": self.kind,
        }
        optional = {"points": self.points, "checksum": self.checksum}
        return NotebookNode(required | {k: v for k, v in optional.items() if v is not None})

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
class AuthoredNotebook:
    """The course's version of a notebook: what a submission is restored to.

    `cells` are those with a grade_id, by it and in order; `plain` are the places of all others by
    the notebook's own ids of them.
    """

    cells: Mapping[str, AuthoredCell]
    plain: Mapping[str, int]


def authored_notebook(preprocessor: Configurable, ids: dict[str, Any]) -> AuthoredNotebook | None:
    """Return the course's version of a submitted notebook; None when the gradebook has none.

    `preprocessor` leads to the configuration and the course's folders; `ids` is nbconvert's
    resources["nbgrader"]: names of assignment and notebook, and the gradebook's address. Raises
    OldSchema.
    """
    with Gradebook(ids["db_url"]) as gradebook:
        try:
            notebook = gradebook.find_notebook(ids["notebook"], ids["assignment"])
        except MissingEntry:
            return None
        cells = {cell.id: cell for cell in _recorded(preprocessor, notebook)}
    for source in _notebooks(preprocessor, ids):
        ordered = _in_order(cells, source)
        if len(ordered.cells) == len(cells):
            return ordered
    # The gradebook keeps no order, but nbgrader enters the cells from the top of the notebook.
    return AuthoredNotebook(cells, {})


def _recorded(preprocessor: Configurable, notebook: Notebook) -> Iterator[AuthoredCell]:
    graded = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    grades = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    for cell in notebook.source_cells:
        authored = AuthoredCell(
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
        yield replace(authored, released=_cleared(preprocessor, authored))


def _cleared(preprocessor: Configurable, authored: AuthoredCell) -> str:
    """Return the source without hidden tests and mark schemes, as nbgrader releases it."""
    cell = authored.new()
    tests = ClearHiddenTests(parent=preprocessor, enforce_metadata=False)
    scheme = ClearMarkScheme(
        parent=preprocessor, enforce_metadata=False, check_attachment_leakage=False
    )
    for clear in (tests, scheme):
        cell, _ = clear.preprocess_cell(cell, {}, 0)
    return str(cell.source)


def _notebooks(preprocessor: Configurable, ids: dict[str, Any]) -> Iterator[NotebookNode]:
    """Yield the released notebook and its source notebook, where their files still exist."""
    course = _course_folders(preprocessor)
    if course is None:
        return
    for step in (course.release_directory, course.source_directory):
        folder = Path(course.format_path(step, ".", ids["assignment"]))
        path = folder / f"{ids['notebook']}.ipynb"
        if path.is_file():
            yield nbformat.read(path, as_version=4)


def _course_folders(preprocessor: Configurable) -> CourseDirectory | None:
    """Return the course's folders from the converter that runs the preprocessor.

    nbgrader puts only names and the gradebook's address into the resources.
    """
    configurable: Any = preprocessor
    while configurable is not None:
        folders = getattr(configurable, "coursedir", None)
        if isinstance(folders, CourseDirectory):
            return folders
        configurable = getattr(configurable, "parent", None)
    return None


def _in_order(cells: Mapping[str, AuthoredCell], notebook: NotebookNode) -> AuthoredNotebook:
    """Return the cells that stand in the course's notebook, in its order."""
    ordered: dict[str, AuthoredCell] = {}
    plain: dict[str, int] = {}
    for place, node in enumerate(notebook.cells):
        meta = node.metadata.get("nbgrader")
        if meta and meta.get("schema_version", 0) < _SCHEMA:
            raise OldSchema(f"the course's notebook has cells of schema {meta}")
        cell = cells.get(meta.get("grade_id", "")) if meta else None
        if cell is not None:
            tags = tuple(node.metadata.get("tags", ()))
            ordered[cell.id] = replace(cell, tags=tags, node_id=node.get("id"), place=place)
        elif "id" in node:
            plain[node.id] = place
    return AuthoredNotebook(ordered, plain)
