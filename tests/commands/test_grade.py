"""`autograder grade` as an instructor runs it: a process of its own, over a small class."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MODEL = """
import keras
def build_model(x_train):
    return keras.Sequential([keras.Input((7,)), keras.layers.Dense(1)])
"""
SCALE = "import numpy as np\ndef scale(values):\n    return values / values.max()\n"
HONEST = {
    "Ada": SCALE + MODEL,
    "Berta": "import numpy as np, random\ndef scale(values):\n"
    "    raise ValueError(f'{np.random.rand()} {random.random()} {np.random.default_rng()}')\n"
    + MODEL,
    "Zoë": "def scale(values):\n    return [1, 2]\n" + MODEL,
}
HOSTILE = {
    "Mallory": "import os\nopen('cars.csv', 'w').write('gone')\n"
    "def scale(values):\n    print('x' * 10**8)\n"
    "def build_model(x_train):\n    os._exit(0)\n",
    "Mordred": "# %%\nimport os, signal\nos.kill(-1, signal.SIGKILL)\n"
    "# %%\nimport keras, numpy as np\n"
    "keras.Model.count_params = lambda self: 1\nnp.mean = lambda *a: 1.0\n"
    "def scale(values):\n    os.kill(os.getppid(), signal.SIGKILL)\n"
    "def build_model(x_train):\n    return [b'x' * 10**7 * n for n in range(10**6)]\n",
    "Morgana": "def scale(values):\n    while True: pass\n"
    "def build_model(x_train):\n    return open('../../results.json').read()\n",
}
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


@dataclass(frozen=True)
class Graded:
    """What one run of the command left behind."""

    code: int
    shown: str
    out: Path

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """Each student's object in results.json, but for times and addresses in memory."""
        text = (self.out / "results.json").read_text("utf-8")
        found = json.loads(ADDRESS.sub("0x", text))["submissions"]
        for result in found:
            del result["seconds"]
            for check in result["checks"]:
                del check["seconds"]
        return {result["student"]: result for result in found}


def hand_in(folder: Path, answers: dict[str, str]) -> Path:
    """Write a class: STUDENT/line.py each."""
    for student, answer in answers.items():
        (folder / student).mkdir(parents=True)
        (folder / student / "line.py").write_text(answer, "utf-8")
    return folder


def command(course: Path, folder: Path, out: Path, workers: int = 2) -> list[str]:
    """Return the command that grades a folder."""
    arguments = ["grade", folder, "-o", out, "--root", course, "--workers", workers]
    return [sys.executable, "-m", "autograder.cli", *map(str, arguments)]


def grade(course: Path, folder: Path, out: Path, seconds: float = 300) -> Graded:
    """Grade a folder, within so many seconds."""
    done = subprocess.run(
        command(course, folder, out),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=seconds,
        env={**os.environ, "COLUMNS": "120"},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Graded(done.returncode, done.stdout, out)


@pytest.fixture(scope="module")
def together(toy_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Honest and hostile students in one batch."""
    place = tmp_path_factory.mktemp("together")
    return grade(toy_course, hand_in(place / "class", HONEST | HOSTILE), place / "out")


def test_hostile_students_cost_only_themselves(
    together: Graded, toy_course: Path, tmp_path: Path
) -> None:
    alone = grade(toy_course, hand_in(tmp_path / "class", HONEST), tmp_path / "out")
    assert alone.code == 0
    assert set(alone.results) == set(HONEST)
    for student, result in alone.results.items():
        assert together.results[student] == result
    assert alone.results["Ada"]["score"] == 7


def test_grading_twice_gives_the_same_scores_and_messages(
    together: Graded, toy_course: Path, tmp_path: Path
) -> None:
    again = grade(toy_course, hand_in(tmp_path / "class", HONEST | HOSTILE), tmp_path / "out")
    for student, result in together.results.items():
        assert again.results[student]["score"] == result["score"]
        assert _told(again.results[student]) == _told(result)
    assert 'ValueError: "0.' in str(_told(together.results["Berta"]))


def _told(result: dict[str, Any]) -> list[Any]:
    """Return all that a student reads."""
    checks = [(check["id"], check["outcome"], check["message"]) for check in result["checks"]]
    return [result["status"], result["message"], result["notes"], *checks]


def test_every_student_has_a_result_and_a_page(together: Graded) -> None:
    assert together.code == 0
    students = set(HONEST | HOSTILE)
    assert set(together.results) == students
    with (together.out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == students
    assert {name: float(row["score"]) for name, row in rows.items()} == {
        name: result["score"] for name, result in together.results.items()
    }
    pages = {path.stem for path in (together.out / "students").glob("*.md")}
    assert pages == students
    for name in students:
        assert name in together.shown
    assert "6 submissions: 6 graded" in together.shown


def test_what_hostile_students_are_told(together: Graded) -> None:
    told = {
        student: {check["id"]: (check["outcome"], check["message"]) for check in result["checks"]}
        for student, result in together.results.items()
    }
    assert told["Mallory"]["test_scale"][0] == "limit"
    assert told["Mallory"]["test_shape"][0] == "crashed"
    assert told["Mordred"]["test_scale"][0] == "blocked"
    assert told["Mordred"]["test_shape"][0] == "out_of_memory"
    assert told["Morgana"]["test_scale"][0] == "timed_out"
    assert told["Morgana"]["test_shape"][0] in ("blocked", "crashed")
    assert all(together.results[student]["score"] == 0 for student in HOSTILE)


def test_a_check_that_is_broken_itself_ends_with_exit_code_3(
    edited_course: Callable[..., Path], tmp_path: Path
) -> None:
    course = edited_course(("hidden.py", "assert got[1] == 1.0", "assert secret_threshold"))
    graded = grade(course, hand_in(tmp_path / "class", {"Ada": SCALE + MODEL}), tmp_path / "out")
    assert graded.code == 3
    assert graded.results["Ada"]["status"] == "grader_error"
    assert "grader error" in graded.shown
    assert "secret_threshold" in (graded.out / "results.json").read_text("utf-8")
    page = (graded.out / "students" / "Ada.md").read_text("utf-8")
    assert "not in your work" in page
    assert "secret_threshold" not in page
    assert '"Ada","line","","","grader_error"' in (graded.out / "grades.csv").read_text("utf-8")


# A call that computes for three seconds, however busy the machine is.
COMPUTES = (
    "    from time import process_time\n    end = process_time() + 3\n"
    "    while process_time() < end: pass\n"
)


def test_a_reference_slower_than_the_floor_sets_the_pace(
    edited_course: Callable[..., Path], tmp_path: Path
) -> None:
    course = edited_course(
        ("exercise.toml", "call_seconds = 4.0", "call_seconds = 2.0"),
        ("solution.py", "    return values", f"{COMPUTES}    return values"),
    )
    solution = course / "solutions" / "line" / "solution.py"
    folder = hand_in(tmp_path / "class", {"Ada": solution.read_text("utf-8")})
    graded = grade(course, folder, tmp_path / "out", seconds=120)
    assert graded.code == 0
    checks = graded.results["Ada"]["checks"]
    outcomes = {check["id"]: check["outcome"] for check in checks}
    assert outcomes["test_scale"] == outcomes["test_fragile"] == "passed", checks


@pytest.mark.usefixtures("cold")
def test_ctrl_c_leaves_what_is_finished(
    toy_course: Path, tmp_path: Path, ends: Callable[[int], bool]
) -> None:
    endless = "def scale(values):\n    open('running', 'w').close()\n    while True: pass\n" + MODEL
    answers = {"Ada": SCALE + MODEL} | {f"Slow {n}": f"{endless}# {n}\n" for n in range(5)}
    folder, out, scratch = hand_in(tmp_path / "class", answers), tmp_path / "out", tmp_path / "t"
    scratch.mkdir()
    process = subprocess.Popen(
        command(toy_course, folder, out, workers=1),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
        start_new_session=True,
        # A shell starts background processes that ignore SIGINT, and their children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    first = next(line for line in process.stdout if line.startswith("1/6"))
    assert "Ada line: 7 of 7" in first
    while not any(scratch.rglob("running")):  # until the next submission is under way
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    shown, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "Interrupted: 5 left ungraded" in shown
    assert set(Graded(130, shown, out).results) == {"Ada"}
    assert '"Ada","line",7.0,7.0,"graded"' in (out / "grades.csv").read_text("utf-8")
    assert [path.name for path in (out / "students").iterdir()] == ["Ada.md"]
    assert not list(scratch.glob("autograder-*")), "scratch folders are left behind"
    assert ends(process.pid), "processes are left behind"


QUESTION = (
    '\n# %% [markdown] id="why"\n# Why?\n#\n# ### BEGIN SOLUTION\n# So.\n# ### END SOLUTION\n'
)
TABLE = '\n[manual.why]\ntitle = "Why are values scaled?"\npoints = 2\n'
REASON = '\n# %% [markdown] id="why"\n# Because <i>steps</i> differ.\n'


def test_a_person_gives_points_and_nothing_is_graded_again(
    edited_course: Callable[..., Path], tmp_path: Path
) -> None:
    course, out = edited_course(), tmp_path / "out"
    for name, more in (("solution.py", QUESTION), ("exercise.toml", TABLE)):
        path = course / "solutions" / "line" / name
        path.write_text(path.read_text("utf-8") + more, "utf-8")
    folder = hand_in(tmp_path / "class", {"Ada": HONEST["Ada"] + REASON})
    first = grade(course, folder, out)
    assert "7 / 9 (2 open)" in first.shown
    assert "Because &lt;i&gt;steps" in (out / "questions.html").read_text("utf-8")
    assert "waiting for a person" in (out / "students" / "Ada.md").read_text("utf-8")
    file = course / "adjustments.csv"
    file.write_text(
        "student,exercise,check,points,comment\nAda,line,why,1.5,=well\nAda,line,x,1,\n"
    )
    refused = subprocess.run(command(course, folder, out), capture_output=True, timeout=100)
    assert refused.returncode == 2
    assert b"adjustments.csv:3: no check 'x' of line" in refused.stderr
    file.write_text(
        "student,exercise,check,points,comment\nAda,line,why,1.5,=well\nAda,line,test_shape,0,\n"
    )
    for again in (grade(course, folder, out), grade(course, folder, out)):
        assert again.code == 0
        assert "1 graded before and kept" in again.shown
        result = again.results["Ada"]
        assert (result["score"], result["max_score"]) == (7.5, 9.0)
        assert "open_points" not in result
        reviews = {c["id"]: c["review"] for c in result["checks"] if "review" in c}
        assert reviews["test_shape"] == {"comment": "", "points": 1.0, "outcome": "passed"}
        assert reviews["why"] == {"comment": "=well", "points": 0.0, "outcome": "open"}
