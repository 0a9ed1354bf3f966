"""The guide to an exercise does what it says; figures on pages are the measured ones."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.commands.calibrate_report import extrapolated
from autograder.course import calibration_file
from autograder.report import csv_file

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
PAGES = {  # with their blocks of commands
    "write-an-exercise.md": 2,
    "functions-only.md": 1,
    "your-own-course.md": 6,
}
_BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.M | re.S
)


def blocks(page: str) -> Iterator[tuple[str | None, str, str]]:
    """Yield each block of a guide as (file, kind, body)."""
    for match in _BLOCK.finditer((GUIDES / page).read_text("utf-8")):
        yield match["file"], match["kind"], match["body"]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_a_file_or_a_command(page: str) -> None:
    found = list(blocks(page))
    assert len(found) == (GUIDES / page).read_text("utf-8").count("\n```\n")
    assert all(file or kind == "sh" for file, kind, _ in found)
    assert sum(kind == "sh" for _, kind, _ in found) == PAGES[page]


@pytest.mark.slow
@pytest.mark.timeout(900)  # it calibrates and verifies an exercise of its own
@pytest.mark.parametrize("page", ["write-an-exercise.md", "functions-only.md"])
def test_the_page_leads_to_a_proved_exercise(page: str, tmp_path: Path) -> None:
    for folder in ("datasets", "solutions/car_price"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "README.md").write_text("# A course\n")
    assert "5 answers, 0 problems" in followed(page, tmp_path)[-1]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_page_leads_from_nothing_to_grades(tmp_path: Path) -> None:
    _, proved, _, started, checked, _ = followed("your-own-course.md", tmp_path)
    assert "5 answers, 0 problems" in proved
    assert "1 of 1 visible checks pass" in checked
    (row,) = csv_file.read(tmp_path / "graded" / csv_file.NAME)
    assert (row["student"], row["exercise"], row["score"]) == ("ada", "softmax", "4.0")
    printed = started.strip().splitlines()[-1]
    assert "1 of 1 visible checks pass" not in bash(printed, Path("/"), code=1)


def followed(page: str, folder: Path) -> list[str]:
    """Write every file of a page, run every command, and return what each block printed."""
    printed = []
    for file, _, body in blocks(page):
        if file:
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, "utf-8")
        else:
            printed.append(bash(body, folder))
    return printed


def bash(commands: str, folder: Path, code: int = 0) -> str:
    """Run commands in a folder, and return what they print; they must exit with `code`."""
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def _figures(path: Path) -> Iterator[str]:
    """Yield the rows of docs/concepts/thresholds.md for one calibration."""
    calibration = calibration_file.read(path)
    for name, threshold in calibration.thresholds.items():
        fail, weak = threshold.false_fail, threshold.false_pass.values()
        sign = "≤" if threshold.better == "lower" else "≥"
        met = fail.runs - fail.failed_at_first
        passed = f"{sum(rate.passed for rate in weak)} of {sum(rate.runs for rate in weak)}"
        yield (
            f"| {calibration.exercise} | {name} | {sign} {threshold.value:g} "
            f"| {met} of {fail.runs} | {fail.upper_bound:.2g} "
            f"| {extrapolated(fail.extrapolated)} | {passed} |"
        )


@pytest.mark.parametrize("path", sorted(ROOT.glob("solutions/*/calibration.json")), ids=str)
def test_the_page_on_thresholds_has_the_figures_and_the_plot(path: Path) -> None:
    page = (ROOT / "docs" / "concepts" / "thresholds.md").read_text("utf-8")
    for row in _figures(path):
        assert row in page, f"docs/concepts/thresholds.md lacks the row\n{row}"
    assert f"../../solutions/{path.parent.name}/calibration.svg" in page


def test_the_figures_of_the_readme_stand_on_their_sources() -> None:
    readme = (ROOT / "README.md").read_text("utf-8").partition("## Figures")[2]
    rows = re.findall(r"^\| .* \| (.*) \| \[.*\]\((.*)#.*\) \|$", readme, re.M)
    assert len(rows) == 4
    for value, page in rows:
        numbers = re.findall(r"\d+(?:\.\d+)?", value)
        source = (ROOT / page).read_text("utf-8")
        if page.endswith("thresholds.md"):
            met, runs = _honest_runs()
            assert numbers == [str(runs)]
            assert met == runs
        else:
            assert numbers
            assert all(re.search(rf"(?<![\d.]){re.escape(n)}(?![\d.]*\d)", source) for n in numbers)


def _honest_runs() -> tuple[int, int]:
    """Return how many honest runs met every threshold, of how many; each run counts once."""
    met = runs = 0
    for path in ROOT.glob("solutions/*/calibration.json"):
        fails = [found.false_fail for found in calibration_file.read(path).thresholds.values()]
        runs += max(fail.runs for fail in fails)
        met += min(fail.runs - fail.failed_at_first for fail in fails)
    return met, runs
