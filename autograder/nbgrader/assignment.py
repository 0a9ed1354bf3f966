"""Turns an authored exercise into an assignment of an nbgrader course, as files by path.

The notebook is the released notebook, with the answers put back as nbgrader's solution cells and a
locked grade cell for each check. A grade cell has the check's id, title and points, not its code. A
question that a person grades is a cell of nbgrader's that is an answer and has points.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.authoring import release
from autograder.course.exercise import Exercise, settings_of
from autograder.course.manual import Manual
from autograder.errors import ReleaseError
from autograder.notebooks import reader
from autograder.notebooks.overlay import BEGIN, END
from autograder.runner.collection import ListedCheck

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # both an nbformat cell id and a grade_id
_HEADING = "autograder-checks"
_EXPLANATION = """\
## Checks

Each cell below is one check. Run a cell to try what you have defined so far; it calls your
functions anew, so a check of the training takes as long as the training. Checks that only a grader
can run follow after you have handed in."""


def files(
    exercise: Exercise, checks: Iterable[ListedCheck], data_files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the assignment's files by path below the nbgrader course.

    `data_files` are the training data, by file name. Raises ReleaseError for an exercise that
    cannot be released, or checks whose ids nbgrader cannot take.
    """
    contents = release.files(exercise, data_files)
    name = exercise.notebook.name
    contents[name] = _source(exercise, tuple(checks), json.loads(contents[name]))
    return {f"source/{exercise.name}/{file}": content for file, content in contents.items()}


def _source(exercise: Exercise, checks: tuple[ListedCheck, ...], value: dict[str, Any]) -> bytes:
    """Return the source notebook made from `value`, the released notebook as JSON."""
    authored = reader.read(exercise.solution.read_bytes(), exercise.solution.suffix).cells
    manual = {question.id: question for question in settings_of(exercise).manual}
    for cell, original in zip(value["cells"], authored, strict=True):
        if "".join(cell["source"]) != original.source:
            cell["source"] = original.source.splitlines(keepends=True)
            cell["metadata"]["nbgrader"] = _metadata(cell["id"])
        if cell["id"] in manual:
            cell["source"] = _with_place(original.source).splitlines(keepends=True)
            cell["metadata"]["nbgrader"] = _question(manual[cell["id"]])
    _check_ids(exercise, [cell["id"] for cell in value["cells"]], [check.id for check in checks])
    value["cells"] += [_explanation(), *map(_grade_cell, checks)]
    # The layout in which Jupyter saves, so that a look at it there changes little.
    return f"{json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)}\n".encode()


def _check_ids(exercise: Exercise, cells: list[str], checks: list[str]) -> None:
    odd = [id_ for id_ in checks if not _ID.fullmatch(id_)]
    if odd:
        raise ReleaseError(
            f"{exercise.authored}: the check {odd[0]!r} cannot be a cell of nbgrader: use up to 64 "
            "of the letters a-z, digits, _ and -, and no parameters"
        )
    ids = [*cells, _HEADING, *checks]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise ReleaseError(
            f"{exercise.authored}: {twice[0]!r} names two things, cells of the notebook or checks"
        )


def _metadata(grade_id: str, points: float | None = None) -> dict[str, Any]:
    """Return nbgrader's metadata of schema 3: an answer, or with `points` a locked test."""
    graded = points is not None
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": graded,
        "locked": graded,
        "solution": not graded,
        "task": False,
    }
    if points is not None:
        metadata["points"] = int(points) if points == int(points) else points
    return metadata


def _with_place(source: str) -> str:
    """Return a question with a place for the answer: without one nbgrader clears the whole cell."""
    return source if BEGIN in source else f"{source}\n\n{BEGIN}\n{END}"


def _question(question: Manual) -> dict[str, Any]:
    """Return nbgrader's metadata of an answer that a person grades."""
    return _metadata(question.id, question.points) | {"locked": False, "solution": True}


def _explanation() -> dict[str, Any]:
    source = _EXPLANATION.splitlines(keepends=True)
    return {"cell_type": "markdown", "id": _HEADING, "metadata": {}, "source": source}


def _grade_cell(check: ListedCheck) -> dict[str, Any]:
    worth = "1 point" if check.points == 1 else f"{check.points:g} points"
    lines = (
        f"# {check.title} ({worth})",
        "from autograder import check",
        f'check("{check.id}")',
    )
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": check.id,
        "metadata": {"nbgrader": _metadata(check.id, check.points)},
        "outputs": [],
        "source": "\n".join(lines).splitlines(keepends=True),
    }
