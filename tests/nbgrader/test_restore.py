"""The course's cells come back whatever was done to a notebook, and what a student wrote stays."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import SchemaTooOldError
from traitlets.config import Config

RESTORE = "autograder.nbgrader.restore.RestoreCells"
SANITIZE = [RESTORE, *Autograde.sanitize_preprocessors.default()]
ORDER = [
    "imports", "answer", "test_answer", "essay", "project", "second", "test_second",
]  # fmt: skip
KINDS = dict.fromkeys(ORDER, "code") | {"essay": "markdown", "project": "markdown"}
POINTS = {"test_answer": 2, "essay": 3, "project": 1, "test_second": 1}
LOCKED = ["imports", "test_answer", "project", "test_second"]

Restore = Callable[[NotebookNode], NotebookNode]


def exporter(course: Path, preprocessors: list[Any]) -> Restore:
    """What autograding does to a submitted notebook before it runs it."""
    config = Config({"CourseDirectory": {"root": str(course)}})
    converter = Autograde(coursedir=CourseDirectory(config=config), config=config)
    made = NotebookExporter(parent=converter, config=converter.config)
    for one in preprocessors:
        made.register_preprocessor(one)
    known = {
        "student": "ada",
        "assignment": "hw1",
        "notebook": "p1",
        "db_url": converter.coursedir.db_url,
    }

    def run(nb: NotebookNode) -> NotebookNode:
        text, _ = made.from_notebook_node(nb, resources={"nbgrader": dict(known)})
        return nbformat.reads(text, as_version=4)

    return run


@pytest.fixture
def restore(nbgrader_course: Path) -> Restore:
    return exporter(nbgrader_course, [RESTORE])


@pytest.fixture
def sanitize(nbgrader_course: Path) -> Restore:
    return exporter(nbgrader_course, SANITIZE)


def ids(nb: NotebookNode) -> list[str]:
    """The course's cells as they stand, by id."""
    found = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells]
    return [id_ for id_ in found if id_ in ORDER]


def cell(nb: NotebookNode, id_: str) -> NotebookNode:
    (found,) = [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == id_]
    return found


def number(nb: NotebookNode, id_: str) -> int:
    return nb.cells.index(cell(nb, id_))


def notes(nb: NotebookNode) -> list[str]:
    return nb.metadata.get("autograder", {}).get("restored", [])


def sources(nb: NotebookNode) -> list[str]:
    return [c.source for c in nb.cells]


def test_an_untouched_notebook_stays_as_it_is(released: NotebookNode, restore: Any) -> None:
    assert restore(released) == released


def test_an_honestly_filled_in_notebook_stays_as_it_is(
    released: NotebookNode, restore: Any
) -> None:
    cell(released, "answer").source = "def double(x):\n    return x + x"
    cell(released, "answer").outputs = [nbformat.v4.new_output("stream", text="hm\n")]
    cell(released, "answer").execution_count = 7
    cell(released, "essay").source = "Because."
    cell(released, "test_second").metadata.collapsed = True
    released.cells.insert(3, new_code_cell("double(4)"))
    released.metadata.autograder = {"exercise": "hw1"}
    assert restore(released) == released


def test_white_space_that_an_editor_took_away_is_no_edit(
    released: NotebookNode, restore: Any
) -> None:
    cell(released, "imports").source += "  \n"
    assert restore(released) == released


def test_a_locked_cell_gets_its_source_with_hidden_tests(
    released: NotebookNode, restore: Any
) -> None:
    cell(released, "test_answer").source = "pass"
    found = restore(released)
    assert "secret_expectation" in cell(found, "test_answer").source
    assert notes(found) == ["test_answer: its text was not the course's, which was put back."]


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("id_", ["answer", "test_answer"])
def test_a_code_cell_that_was_converted_is_code_again(
    released: NotebookNode, restore: Any, kind: str, id_: str
) -> None:
    found = released.cells[number(released, id_)]
    found.cell_type = kind
    del found["outputs"], found["execution_count"]
    found = restore(released)
    assert cell(found, id_) == cell(restore_clean(released, id_), id_)
    assert notes(found) == [f"{id_}: was a {kind} cell; it is code again."]


def restore_clean(tampered: NotebookNode, id_: str) -> NotebookNode:
    clean = copy.deepcopy(tampered)
    cell(clean, id_).update(cell_type="code", outputs=[], execution_count=None)
    return clean


def test_metadata_that_only_the_wrong_type_may_have_goes(
    released: NotebookNode, sanitize: Any
) -> None:
    metadata = cell(released, "answer").metadata | {"collapsed": "no"}
    released.cells[number(released, "answer")] = new_markdown_cell("mine = 1", metadata=metadata)
    found = cell(sanitize(released), "answer")
    assert (found.cell_type, found.source) == ("code", "mine = 1")


def test_a_written_answer_made_code_is_markdown_again_with_its_text(
    released: NotebookNode, restore: Any
) -> None:
    made = new_code_cell("Because.", metadata=cell(released, "essay").metadata)
    released.cells[number(released, "essay")] = made
    found = cell(restore(released), "essay")
    assert (found.cell_type, found.source, "outputs" in found) == ("markdown", "Because.", False)


@pytest.mark.parametrize(
    "change",
    [
        {"grade": False},
        {"points": 99},
        {"points": float("nan")},
        {"points": 10**400},
        {"points": True},
        {"schema_version": 1},
        {"schema_version": "3"},
        {"schema_version": 4},
        {"solution": True, "locked": False},
        {"task": True},
        {"extra": 1},
        {"checksum": []},
        {"cell_type": "markdown"},
    ],
    ids=str,
)
def test_metadata_comes_from_the_gradebook(
    released: NotebookNode, sanitize: Any, change: dict[str, Any]
) -> None:
    cell(released, "test_answer").metadata.nbgrader.update(change)
    found = sanitize(released)
    meta = cell(found, "test_answer").metadata.nbgrader
    assert (meta.grade, meta.solution, meta.points, meta.task) == (True, False, 2, False)
    assert len(notes(found)) == 1


@pytest.mark.parametrize("junk", [None, "x", 3, [], {}, {"grade_id": ["answer"]}], ids=str)
def test_metadata_beyond_recognition_is_found_by_the_cells_own_id(
    released: NotebookNode, sanitize: Any, junk: Any
) -> None:
    mine = released.cells[number(released, "answer")]
    mine.source = "def double(x): return 2 * x"
    mine.metadata.nbgrader = junk
    found = sanitize(released)
    assert cell(found, "answer").source == "def double(x): return 2 * x"
    assert ids(found) == ORDER
    assert len(found.cells) == len(released.cells)


@pytest.mark.parametrize("junk", [None, "x", {}, {"grade": True, "grade_id": "bonus", "points": 9}])
def test_metadata_that_is_none_of_the_courses_goes_wholly(
    released: NotebookNode, sanitize: Any, junk: dict[str, Any] | str | None
) -> None:
    released.cells.append(new_code_cell("1", metadata={"nbgrader": junk}))
    found = sanitize(released)
    assert "nbgrader" not in found.cells[-1].metadata
    assert len(notes(found)) == 1


def test_a_tag_cannot_have_a_test_skipped(released: NotebookNode, restore: Any) -> None:
    cell(released, "test_answer").metadata.tags = ["skip-execution"]
    cell(released, "imports").metadata.tags = []
    found = restore(released)
    assert cell(found, "test_answer").metadata.tags == []
    assert cell(found, "imports").metadata.tags == ["hide-input"]


def test_of_copies_of_a_test_the_first_counts_and_the_others_are_ordinary(
    released: NotebookNode, sanitize: Any
) -> None:
    copied = copy.deepcopy(cell(released, "test_answer"))
    copied.source = "assert True"
    released.cells.append(copied)
    found = sanitize(released)
    assert "secret_expectation" in cell(found, "test_answer").source
    assert found.cells[-1].source == "assert True"
    assert "nbgrader" not in found.cells[-1].metadata


def test_of_copies_of_an_answer_the_last_worked_on_counts(
    released: NotebookNode, sanitize: Any
) -> None:
    at = number(released, "answer")
    stub = cell(released, "answer")
    tries = [copy.deepcopy(stub) for _ in range(3)]
    for attempt, text in zip(tries, ["first = 1", "second = 2", stub.source], strict=True):
        attempt.source = text
    released.cells[at : at + 1] = tries
    found = sanitize(released)
    assert cell(found, "answer").source == "second = 2"
    # The first still runs, before; the untouched copy would only undo the answer.
    assert sources(found)[at : at + 2] == ["first = 1", "second = 2"]
    assert stub.source not in sources(found)
    assert notes(found) == ["answer: was there 3 times; the last that was worked on counts."]


def test_equal_copies_leave_the_last_in_its_place(released: NotebookNode, sanitize: Any) -> None:
    copied = cell(released, "answer")
    copied.source = "def double(x): return 2 * x"
    released.cells.insert(number(released, "answer") + 1, copy.deepcopy(copied))
    found = sanitize(released)
    assert sources(found).count("def double(x): return 2 * x") == 2
    assert "nbgrader" not in found.cells[number(found, "answer") - 1].metadata


def test_deleted_cells_come_back_at_their_place(released: NotebookNode, sanitize: Any) -> None:
    whole = sanitize(released)
    for id_ in ("imports", "answer", "test_answer", "essay", "project"):
        del released.cells[number(released, id_)]
    found = sanitize(released)
    assert ids(found) == ORDER
    for id_ in ORDER:
        assert cell(found, id_) == cell(whole, id_)
    assert found.cells[number(found, "second") - 1].source == "helper = 1"
    assert "essay: was missing; it was put back as the course has it." in notes(found)


def test_a_stub_comes_back_above_the_students_own_cell_and_a_test_below_it(
    released: NotebookNode, sanitize: Any
) -> None:
    at = number(released, "answer")
    released.cells[at : at + 2] = [new_code_cell("def double(x): return 2 * x")]
    found = sanitize(released)
    mine = sources(found).index("def double(x): return 2 * x")
    assert number(found, "answer") < mine < number(found, "test_answer")


def test_an_empty_notebook_becomes_the_courses(released: NotebookNode, sanitize: Any) -> None:
    released.cells = []
    assert ids(sanitize(released)) == ORDER


def test_moved_cells_return_with_what_stands_behind_them(
    released: NotebookNode, sanitize: Any
) -> None:
    moved = released.cells.pop(number(released, "test_second"))
    released.cells[0:0] = [moved, new_markdown_cell("mine")]
    found = sanitize(released)
    assert ids(found) == ORDER
    assert found.cells[-3].metadata.nbgrader.grade_id == "test_second"
    assert [c.source for c in found.cells[-2:]] == ["mine", "# Homework"]
    assert notes(found) == ["The course's cells were in another order; its own is back."]


def test_the_order_is_the_gradebooks_when_no_notebook_is_left(
    nbgrader_course: Path, released: NotebookNode
) -> None:
    for step in ("source", "release"):
        (nbgrader_course / step / "hw1" / "p1.ipynb").unlink()
    released.cells.reverse()
    assert ids(exporter(nbgrader_course, SANITIZE)(released)) == ORDER


def test_the_order_is_the_courses_when_it_was_released_anew(
    nbgrader_course: Path, released: NotebookNode
) -> None:
    path = nbgrader_course / "release" / "hw1" / "p1.ipynb"
    order = [ORDER[-1], *ORDER[:-1]]
    released.cells.sort(
        key=lambda c: (
            order.index(c.metadata.get("nbgrader", {}).get("grade_id", ""))
            if c.metadata.get("nbgrader", {}).get("grade_id") in order
            else -1
        )
    )
    nbformat.write(released, path)
    assert exporter(nbgrader_course, [RESTORE])(released) == released


@pytest.mark.parametrize("forged", [["nothing"], "x", None, {"restored": ["I am honest"]}])
def test_a_student_does_not_write_the_notes(
    released: NotebookNode, restore: Any, forged: Any
) -> None:
    released.metadata.autograder = forged
    assert notes(restore(released)) == []


def test_the_instructor_is_told(
    released: NotebookNode, restore: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cell(released, "test_answer").source = "pass"
    with caplog.at_level(logging.WARNING):
        restore(released)
    assert "ada/p1: test_answer: its text was not the course's" in caplog.text


def test_a_notebook_the_gradebook_does_not_know_stays(
    nbgrader_course: Path, released: NotebookNode
) -> None:
    with Gradebook(f"sqlite:///{nbgrader_course / 'gradebook.db'}") as gradebook:
        gradebook.remove_notebook("p1", "hw1")
    released.cells = released.cells[3:]
    assert exporter(nbgrader_course, [RESTORE])(released) == released


@pytest.mark.parametrize("version", [1, 2, None])
def test_an_old_course_is_left_to_nbgraders_own_message(
    nbgrader_course: Path, released: NotebookNode, version: int | None
) -> None:
    for one in released.cells:
        if "nbgrader" in one.metadata:
            one.metadata.nbgrader.schema_version = version
            if version is None:
                del one.metadata.nbgrader["schema_version"]
    nbformat.write(released, nbgrader_course / "release" / "hw1" / "p1.ipynb")
    assert exporter(nbgrader_course, [RESTORE])(released) == released
    with pytest.raises(SchemaTooOldError):
        exporter(nbgrader_course, SANITIZE)(released)


@pytest.mark.parametrize("minor", [0, 4, -1, 99])
def test_any_minor_version_of_the_format_is_taken(
    released: NotebookNode, sanitize: Any, minor: int
) -> None:
    released.nbformat_minor = minor
    for one in released.cells:
        del one["id"]
    del released.cells[2]
    assert ids(sanitize(released)) == ORDER


@pytest.mark.parametrize(
    "change",
    [
        {"cell_type": 3},
        {"cell_type": "heading"},
        {"source": None},
        {"source": 7},
        {"outputs": "none"},
        {"execution_count": "x"},
        {"id": "not an id!"},
        {"metadata": {"tags": 5, "nbgrader": {"grade_id": "test_answer"}}},
    ],
    ids=str,
)
def test_a_malformed_cell_is_rebuilt(
    released: NotebookNode, sanitize: Any, change: dict[str, Any]
) -> None:
    cell(released, "test_answer").update(copy.deepcopy(change))
    found = sanitize(released)
    assert ids(found) == ORDER
    assert "Cell 4 was malformed; its type and text were kept." in notes(found)


def test_a_malformed_notebooks_metadata_goes(released: NotebookNode, sanitize: Any) -> None:
    released.metadata.kernelspec = "python"
    assert ids(sanitize(released)) == ORDER


@pytest.mark.slow
def test_a_batch_goes_on_after_every_kind_of_tampering(
    nbgrader_course: Path, released: NotebookNode
) -> None:
    def submit(student: str, nb: NotebookNode) -> None:
        folder = nbgrader_course / "submitted" / student / "hw1"
        folder.mkdir(parents=True)
        (folder / "p1.ipynb").write_text(json.dumps(nb))

    submit("ada", released)
    copied = copy.deepcopy(released)
    copied.cells.insert(3, copied.cells[2])
    submit("bob", copied)
    ungraded = copy.deepcopy(released)
    cell(ungraded, "test_answer").metadata.nbgrader.grade = False
    submit("cyd", ungraded)
    submit("zoe", released)
    config = Config({"CourseDirectory": {"root": str(nbgrader_course), "assignment_id": "hw1"}})
    config.Autograde.sanitize_preprocessors = SANITIZE
    config.Execute.enabled = False
    Autograde(coursedir=CourseDirectory(config=config), config=config).start()
    for student in ("ada", "bob", "cyd", "zoe"):
        nb = nbformat.read(nbgrader_course / "autograded" / student / "hw1" / "p1.ipynb", 4)
        assert ids(nb) == ORDER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 4) | st.floats() | st.text(max_size=3),
    lambda some: (
        st.lists(some, max_size=2) | st.dictionaries(st.text(max_size=3), some, max_size=2)
    ),
    max_leaves=3,
)
KEYS = ["grade", "solution", "locked", "task", "points", "schema_version", "checksum", "cell_type"]


@st.composite
def tampered(draw: st.DrawFn, base: NotebookNode) -> NotebookNode:
    """A notebook to which up to six things were done that no honest student does."""
    nb = copy.deepcopy(base)
    for _ in range(draw(st.integers(0, 6))):
        if not nb.cells:
            break
        at = draw(st.integers(0, len(nb.cells) - 1))
        to = draw(st.integers(0, len(nb.cells)))
        one = nb.cells[at]
        meta = one.metadata.get("nbgrader")
        match draw(st.integers(0, 8)):
            case 0:
                del nb.cells[at]
            case 1:
                nb.cells.insert(to, copy.deepcopy(one))
            case 2:
                nb.cells.insert(min(to, len(nb.cells) - 1), nb.cells.pop(at))
            case 3:
                one.source = draw(st.text(max_size=9) | st.just("pass"))
            case 4:
                one.cell_type = draw(st.sampled_from(["code", "markdown", "raw", "heading"]))
            case 5:
                one.metadata.nbgrader = draw(JSON)
            case 6 if isinstance(meta, dict):
                meta[draw(st.sampled_from(KEYS) | st.text(max_size=3))] = draw(JSON)
            case 7 if isinstance(meta, dict):
                meta["grade_id"] = draw(st.sampled_from(ORDER) | st.text(max_size=3))
            case _:
                key = draw(st.sampled_from(["tags", "collapsed", "name", "jupyter"]))
                one.metadata[key] = draw(JSON)
    return nbformat.from_dict(nb)


@pytest.mark.slow
def test_nothing_that_is_done_to_a_notebook_stops_nbgrader(
    nbgrader_course: Path, released: NotebookNode, sanitize: Any
) -> None:
    restore = exporter(nbgrader_course, [RESTORE])
    right = sanitize(released)
    stubs = {cell(released, id_).source for id_ in ("answer", "essay", "second")}

    @settings(
        max_examples=40,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
    )
    @given(tampered(released))
    def check(nb: NotebookNode) -> None:
        found = sanitize(nb)
        assert ids(found) == ORDER
        for id_ in ORDER:
            mine, whole = cell(found, id_), cell(right, id_)
            assert mine.cell_type == KINDS[id_]
            assert id_ not in POINTS or mine.metadata.nbgrader.points == POINTS[id_]
            roles = ("grade", "solution", "task", "grade_id", "schema_version")
            assert all(mine.metadata.nbgrader[r] == whole.metadata.nbgrader[r] for r in roles)
            if id_ in LOCKED:
                assert mine.source == whole.source
                assert mine.metadata.get("tags", []) == whole.metadata.get("tags", [])
        for written in answers(nb) - stubs:
            assert written in sources(found)
        again = restore(found)
        assert notes(again) == []
        assert again.cells == found.cells

    check()


def answers(nb: NotebookNode) -> set[str]:
    """What a student has written into cells that are not locked ones of the course."""
    locked = {c.source for c in nb.cells if isinstance(c.source, str) and is_locked(c)}
    return {c.source for c in nb.cells if isinstance(c.source, str)} - locked


def is_locked(one: NotebookNode) -> bool:
    meta = one.metadata.get("nbgrader")
    known = isinstance(meta, dict) and meta.get("grade_id") in LOCKED
    return known or one.get("id") in ("node-1", "node-3", "node-5", "node-8")
