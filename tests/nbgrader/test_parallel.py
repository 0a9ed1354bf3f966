"""`autograder autograde` where nobody can be graded: it says so once, and touches nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click import ClickException

from autograder.commands.autograde_run import Request, run

NOWHERE = """
from autograder.nbgrader.config import configure
configure(c, root="/nowhere", exercises={"hw1": "car_price"})
"""


@pytest.fixture
def handed_in(nbgrader_course: Path) -> Path:
    """The course, with the released assignment handed in by ann and bob."""
    for student in ("ann", "bob"):
        folder = nbgrader_course / "submitted" / student / "hw1"
        shutil.copytree(nbgrader_course / "release" / "hw1", folder)
    return nbgrader_course


def asked(course: Path, *students: str) -> int:
    """Grade hw1 and return the exit code."""
    return run(Request("hw1", course, students, 1, force=False))


def test_who_handed_in_nothing_is_named(
    handed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(handed_in, "ann", "nobody") == 1
    assert "nothing was submitted by nobody" in capsys.readouterr().err
    assert not (handed_in / "autograded").exists()


def test_a_root_that_leads_nowhere_stops_the_command(
    handed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (handed_in / "nbgrader_config.py").open("a") as file:
        file.write(NOWHERE)
    assert asked(handed_in) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert told.count("root or secret") == 1
    assert not (handed_in / "autograded" / "bob").exists()


def test_an_error_in_the_configuration_is_not_passed_over(handed_in: Path) -> None:
    with (handed_in / "nbgrader_config.py").open("a") as file:
        file.write("configure(c)\n")  # a name that nobody has imported
    with pytest.raises(ClickException, match=r"nbgrader_config.py: NameError"):
        asked(handed_in)
