"""The example class: its files are what make.py writes, and each gets what it deserves."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.release import secret_lines
from autograder.course import datasets
from autograder.course.exercise import Root

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
pytestmark = pytest.mark.timeout(1200)  # the first test that asks grades the whole class
WANTED: dict[str, dict[str, Any]] = tomllib.loads(
    (ROOT / "tests" / "golden" / "examples.toml").read_text("utf-8")
)


@dataclass(frozen=True)
class Run:
    """What grading the class printed and left behind."""

    code: int
    shown: str
    out: Path

    def results(self) -> dict[str, dict[str, Any]]:
        """Return each submission's object in results.json by student and exercise."""
        found = json.loads((self.out / "results.json").read_text("utf-8"))["submissions"]
        return {f"{one['student']}/{one['exercise']}": one for one in found}

    def pages(self) -> dict[str, str]:
        """Return each student's page."""
        return {path.stem: path.read_text("utf-8") for path in self.out.glob("students/*.md")}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The whole class, graded by the command in a process of its own."""
    out = tmp_path_factory.mktemp("graded")
    paths = [str(EXAMPLES / "submissions"), str(EXAMPLES / "late_batch.zip")]
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "grade", *paths, "-o", str(out)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=1200,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "140"},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Run(done.returncode, done.stdout, out)


def test_the_class_is_what_make_writes() -> None:
    spec = importlib.util.spec_from_file_location("make", EXAMPLES / "make.py")
    assert spec is not None
    assert spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    expected: dict[str, bytes] = make.files()
    present = {
        path.relative_to(EXAMPLES).as_posix(): path.read_bytes()
        for path in [*(EXAMPLES / "submissions").rglob("*"), EXAMPLES / "late_batch.zip"]
        if path.is_file()
    }
    assert set(present) == set(expected)
    differing = [name for name, content in expected.items() if present[name] != content]
    assert not differing, "run: python examples/make.py"


def test_the_readme_tells_the_same_points() -> None:
    told: dict[str, str] = {}
    student = ""
    for line in (EXAMPLES / "README.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 5 and cells[0] not in ("student", "---"):
            student = cells[0] or student
            told[f"{student}/{cells[1]}"] = cells[2]
    assert set(told) == set(WANTED)
    for name, points in told.items():
        low, high = _bounds(WANTED[name])
        assert (points == "") == (low is None), name
        assert low is None or low <= float(points) <= high, name


def _bounds(wanted: dict[str, Any]) -> tuple[float | None, float]:
    score = wanted.get("score")
    return tuple(score) if isinstance(score, list) else (score, score or 0.0)


@pytest.mark.slow
def test_every_submission_has_a_result(run: Run) -> None:
    assert run.code == 0, run.shown
    assert set(run.results()) == set(WANTED)
    with (run.out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {f"{row['student']}/{row['exercise']}": row for row in csv.DictReader(file)}
    assert set(rows) == set(WANTED)
    for name, one in run.results().items():
        graded = one["status"] == "graded"
        assert rows[name]["score"] == (str(float(one["score"])) if graded else "")
    counts = re.search(r"(\d+) submissions: (\d+) graded, (\d+) rejected", run.shown)
    assert counts is not None
    assert [int(count) for count in counts.groups()] == [len(WANTED), len(WANTED) - 3, 3]


@pytest.mark.slow
@pytest.mark.parametrize("name", WANTED)
def test_each_gets_what_it_deserves(run: Run, name: str) -> None:
    wanted, result = WANTED[name], run.results()[name]
    assert result["status"] == wanted.get("status", "graded"), result["message"]
    assert wanted.get("message", "") in result["message"]
    checks = {check["id"]: check for check in result["checks"]}
    lost = [(c["id"], c["outcome"], c["message"]) for c in checks.values() if c["message"]]
    low, high = _bounds(wanted)
    assert low is None or low <= result["score"] <= high, lost
    for id_, (outcome, *words) in wanted.get("says", {}).items():
        assert checks[id_]["outcome"] == outcome, lost
        assert [word for word in words if word not in checks[id_]["message"]] == [], lost
    notes = " ".join(result["notes"])
    assert [word for word in wanted.get("notes", []) if word not in notes] == [], notes


@pytest.mark.slow
def test_pages_tell_nothing_that_is_hidden(run: Run) -> None:
    pages, course = run.pages(), Root(ROOT)
    assert set(pages) == {name.rpartition("/")[0] for name in WANTED}
    everything = "\n".join(pages.values())
    hidden = {line for name in course.names() for line in secret_lines(course.exercise(name))}
    # The titles and hints of hidden checks are what a student is meant to read.
    code = {line for line in hidden if re.search(r"[=()\[\]]|assert ", line)}
    assert len(code) > 50
    assert [line for line in code if line in everything] == []
    assert str(ROOT) not in everything
    for trace in ("Traceback (most recent call last)", "site-packages", "0x7f", "hidden.py:"):
        assert trace not in everything


@pytest.mark.slow
def test_pages_hold_no_evidence_and_no_held_out_value(run: Run) -> None:
    pages = run.pages()
    for result in run.results().values():
        page = pages[result["student"]]
        for check in result["checks"]:
            telling = [line.strip() for line in check["evidence"].splitlines() if len(line) > 60]
            said = check["message"] + " ".join(result["notes"])
            assert [line for line in telling if line in page and line not in said] == []
    cars = datasets.load(ROOT / "datasets", "cars", datasets.DEMO_KEY)
    numbers = {float(n) for page in pages.values() for n in re.findall(r"\d{4,}(?:\.\d+)?", page)}
    only_held_out = set(np.unique(cars.y_test).tolist()) - set(np.unique(cars.y_train).tolist())
    assert not numbers & only_held_out
