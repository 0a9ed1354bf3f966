"""`autograder.grade` from a program: the command's results, progress, counts and exceptions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import autograder
from autograder.errors import (
    BatchInterrupted,
    DataError,
    JournalError,
    MissingExtra,
    MissingPath,
    ReportError,
    UnknownExercise,
)
from autograder.grading.journal import NAME, open_journal
from autograder.grading.progress import Progress
from autograder.grading.session import Summary
from autograder.result import Result, Status

SCALE = "def scale(values):\n    # {name}\n    return values / values.max()\n"


class Heard(Progress):
    """Keeps what it hears; ends the batch like Ctrl-C after so many results."""

    def __init__(self, interrupt_after: int = 1000) -> None:
        self.notes: list[str] = []
        self.students: list[str] = []
        self.written_students: list[str] = []
        self._interrupt_after = interrupt_after

    def note(self, line: str) -> None:
        self.notes.append(line)

    def finished(self, result: Result) -> None:
        self.students.append(result.student)
        if len(self.students) == self._interrupt_after:
            raise KeyboardInterrupt

    def written(self, results: Iterable[Result]) -> None:
        self.written_students = [result.student for result in results]


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Two answers, one of which two students handed in, and a file that cannot be read."""
    answers = {name: SCALE.format(name=name) for name in ("ada", "bea")}
    answers["cem"] = answers["ada"]
    for student, answer in answers.items():
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "line.py").write_text(answer, "utf-8")
    (tmp_path / "class" / "dan").mkdir()
    (tmp_path / "class" / "dan" / "line.ipynb").write_text("")
    return tmp_path / "class"


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    """A class whose only file is rejected by its name: no sandbox is needed."""
    (tmp_path / "class" / "dan").mkdir(parents=True)
    (tmp_path / "class" / "dan" / "line.pdf").write_text("%PDF-1.4")
    return tmp_path / "class"


def submissions(out: Path) -> list[dict[str, Any]]:
    """Return the submissions of results.json, but for times and addresses in memory."""
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", (out / "results.json").read_text("utf-8"))
    found: list[dict[str, Any]] = json.loads(text)["submissions"]
    for result in found:
        del result["seconds"]
        for check in result["checks"]:
            del check["seconds"]
    return found


FAILS_AT_FIRST = """
    import pathlib
    tried = pathlib.Path({tried!r})
    with tried.open("a") as file:
        file.write("x")
    if len(tried.read_text()) <= {times}:
        raise OSError(28, "No space left on device")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("times", "graded"), [(2, 1), (3, 0)])
def test_what_the_machine_withheld_is_graded_once_more_alone(
    edited_course: Callable[..., Path], tmp_path: Path, times: int, graded: int
) -> None:
    """Two gradings at first and one alone: a neighbour that filled the disk has ended by then."""
    tried = tmp_path / "tried"
    fails = FAILS_AT_FIRST.format(tried=str(tried), times=times)
    doc = '"""The largest value becomes one"""'
    root = edited_course(("hidden.py", doc, doc + fails))
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "line.py").write_text(SCALE.format(name="ada"), "utf-8")
    heard = Heard()
    summary = autograder.grade(tmp_path / "class", tmp_path / "out", root=root, progress=heard)
    assert (summary.graded, summary.failed) == (graded, 1 - graded)
    assert tried.read_text() == "xxx"
    assert heard.students == ["ada"], "told once"
    (result,) = summary.results()
    assert ("No space left" in result.evidence) == (not graded)


@pytest.mark.slow
def test_a_program_grades_like_the_command(
    toy_course: Path, handed_in: Path, tmp_path: Path
) -> None:
    arguments = ["grade", handed_in, "-o", tmp_path / "command", "--root", toy_course]
    command = [sys.executable, "-m", "autograder.cli", *map(str, arguments)]
    subprocess.run(command, capture_output=True, check=True, timeout=200)
    heard, out = Heard(), tmp_path / "program"

    summary = autograder.grade(handed_in, out, root=toy_course, workers=2, progress=heard)

    assert submissions(out) == submissions(tmp_path / "command")
    assert summary == Summary(out, graded=3, rejected=1, failed=0, kept=0)
    assert [result.student for result in summary.results()] == ["ada", "bea", "cem", "dan"]
    assert (out / "grades.csv").is_file()
    assert len(list((out / "students").iterdir())) == 4
    assert heard.notes == ["1 identical to another and graded once with it."]
    assert sorted(heard.students)[:3] == ["ada", "bea", "cem"]
    assert heard.written_students == ["ada", "bea", "cem", "dan"]

    again = Heard()
    assert autograder.grade([handed_in], out, root=toy_course, progress=again).kept == 4
    assert again.students == []


@pytest.mark.slow
def test_after_ctrl_c_what_is_finished_is_written_and_the_next_call_goes_on(
    toy_course: Path, handed_in: Path, tmp_path: Path
) -> None:
    heard, out = Heard(interrupt_after=1), tmp_path / "out"
    with pytest.raises(BatchInterrupted, match="left ungraded; the rest is written") as caught:
        autograder.grade(handed_in, out, root=toy_course, workers=1, progress=heard)
    assert isinstance(caught.value, KeyboardInterrupt)
    written = [result["student"] for result in submissions(out)]
    assert heard.students[0] in written
    assert len(written) + caught.value.ungraded == 4
    assert autograder.grade(handed_in, out, root=toy_course, workers=1).kept >= len(written) - 1


def test_what_cannot_be_used_is_rejected_and_counted(
    toy_course: Path, unreadable: Path, tmp_path: Path
) -> None:
    summary = autograder.grade(str(unreadable), str(tmp_path / "out"), root=str(toy_course))
    assert summary == Summary(tmp_path / "out", graded=0, rejected=1, failed=0, kept=0)
    assert [result.status for result in summary.results()] == [Status.REJECTED]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"paths": "nowhere"}, MissingPath, "no file or folder"),
        ({"root": "/"}, UnknownExercise, "solutions/"),
        ({"exercise": "curve"}, UnknownExercise, "no exercise 'curve'; there: line"),
        ({"key": "no such file"}, DataError, "no such file"),
    ],
)
def test_a_wrong_call_raises_before_anything_is_written(
    toy_course: Path,
    unreadable: Path,
    tmp_path: Path,
    wrong: dict[str, Any],
    error: type[Exception],
    words: str,
) -> None:
    arguments = {"paths": unreadable, "root": toy_course, **wrong}
    with pytest.raises(error, match=re.escape(words)):
        autograder.grade(out=tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_a_journal_in_use_is_said_by_its_own_exception(
    toy_course: Path, unreadable: Path, tmp_path: Path
) -> None:
    with (
        open_journal(tmp_path / "out" / NAME),
        pytest.raises(JournalError, match="another run is writing to it"),
    ):
        autograder.grade(unreadable, tmp_path / "out", root=toy_course)


def test_reports_that_cannot_be_written_lose_no_result(
    toy_course: Path, unreadable: Path, tmp_path: Path
) -> None:
    (tmp_path / "out" / "results.json").mkdir(parents=True)
    with pytest.raises(ReportError, match="No result is lost: run the same command again"):
        autograder.grade(unreadable, tmp_path / "out", root=toy_course)
    (tmp_path / "out" / "results.json").rmdir()
    assert autograder.grade(unreadable, tmp_path / "out", root=toy_course).rejected == 1


def test_dask_is_asked_for_by_the_name_of_its_extra(
    toy_course: Path, handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "autograder.grading.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"pip install 'keras-autograder\[dask\]'"):
        autograder.grade(handed_in, tmp_path / "out", root=toy_course, dask="tcp://127.0.0.1:9")
