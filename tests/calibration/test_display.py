"""What a calibration shows before and under way, on a terminal and in a file."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from autograder.calibration.observation import Observation
from autograder.calibration.plan import Run
from autograder.commands.calibrate_display import Display, announcement
from autograder.commands.calibrate_work import Request, Work, work_of
from autograder.course.exercise import Root
from autograder.result import Check, Outcome, Visibility


def work(course: Path, runs: int = 8, bound: float | None = None) -> Work:
    return work_of(Root(course).exercise("line"), Root(course), Request((), None, runs, bound))


def made_up(run: Run, number: int, **more: object) -> Observation:
    """Return what a run could have shown."""
    size = 1000.0 + number if run.weak else 1 + number / 100
    return Observation(run, {"size": size, "finite": 1.0}, {}, 30.0, **more)  # type: ignore[arg-type]


def shown(wanted: Work, *, terminal: bool) -> str:
    """Return what is printed while every run is graded, without the codes of a terminal."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=120, highlight=False)
    display = Display(console, wanted)
    with display.shown():
        for number, run in enumerate(wanted.planned):
            with display.doing(run):
                seen = made_up(run, number)
            wanted.seen[run] = seen
            display.finished(seen)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", file.getvalue())


def test_it_says_beforehand_how_many_runs_and_that_the_first_tells_how_long(course: Path) -> None:
    text = announcement(work(course), 2)
    assert text == (
        "line: 12 runs of 3 answers (8 of honest answers, 4 of weak ones), 12 to grade; the first "
        "run will tell about how long."
    )


def test_it_says_how_long_where_earlier_runs_tell_and_what_is_kept(course: Path) -> None:
    begun = work(course)
    for number, run in enumerate(begun.planned[:2]):
        begun.log.add(made_up(run, number))
    again = work(course)
    assert "2 are there and kept" in announcement(again, 2)
    assert "10 to grade, about 2 min with 2 at a time" in announcement(again, 2)  # 10 times 30 s
    assert "10 to grade, about 5 min of computing" in announcement(again, None)


def test_it_says_where_it_may_end(course: Path) -> None:
    text = announcement(work(course, 40, 0.5), 2)
    assert "It may end after 8" in text, text
    assert "where --bound is reached" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_it_shows_rate_time_and_what_it_has_learned(course: Path, terminal: bool) -> None:
    text = shown(work(course), terminal=terminal)
    assert "runs a minute" in text
    assert "1 to 1.1" in text.replace("1.09", "1.1")
    assert "false fails at most" in text
    if not terminal:
        assert "1/12 reference 30.0 s, " in text
        assert "12/12 " in text
        assert "size (lower is better): right 1 to 1.0" in text


def test_lost_points_of_an_honest_answer_are_shown_at_once(course: Path) -> None:
    wanted = work(course)
    file = io.StringIO()
    run = wanted.planned[1]
    check = Check("test_size", "Size", Visibility.HIDDEN, Outcome.FAILED, 0, 1, "a [hint]")
    wanted.seen[run] = made_up(run, 1, lost=(check,))
    display = Display(Console(file=file, width=120), wanted)
    display.finished(wanted.seen[run])
    display.finished(wanted.seen[run])
    line = "! right/functional, seed 0: lost points at test_size: a [hint]"
    assert file.getvalue().count(line) == 1
