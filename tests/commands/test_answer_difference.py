"""Below the problems of an answer its author sees what the answer changes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from autograder.authoring.verify import Case, Kind
from autograder.commands.answer_difference import difference, print_difference
from autograder.course.exercise import Exercise, Root

SCALE = "# fails: test_scale\ndef scale(values):\n    return values / values.max() / 2\n"


@pytest.fixture
def line(toy_course: Path) -> Exercise:
    """The exercise of the toy course."""
    return Root(toy_course).exercise("line")


def _wrong(line: Exercise, folder: Path, text: str) -> Case:
    path = folder / "wrong" / "half.py"
    path.parent.mkdir()
    path.write_text(text)
    return Case(line, Kind.WRONG, path)


def test_only_what_differs_is_shown_without_words_and_markers(
    line: Exercise, tmp_path: Path
) -> None:
    case = _wrong(line, tmp_path, SCALE + "print('[red]done[/]')\n")
    assert difference(case) == [
        "--- solution.py",
        "+++ wrong/half.py",
        "@@ scale @@",
        " def scale(values):",
        "-    return values / values.max()",
        "+    return values / values.max() / 2",
        "@@ -0,0 +1 @@",
        "+print('[red]done[/]')",
    ]


@pytest.mark.parametrize("terminal", [False, True])
def test_the_code_is_printed_as_it_is(line: Exercise, tmp_path: Path, terminal: bool) -> None:
    case = _wrong(line, tmp_path, SCALE + "print('[red]done[/]')\n")
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100, color_system="standard")
    print_difference(console, case)
    shown = stream.getvalue()
    assert ("\x1b[" in shown) == terminal
    console = Console(width=100, record=True, file=io.StringIO())
    print_difference(console, case)
    assert "+print('[red]done[/]')" in console.export_text()


def test_a_long_difference_is_cut_and_says_so(line: Exercise, tmp_path: Path) -> None:
    text = SCALE + "".join(f"row_{n} = {n}\n" for n in range(100))
    lines = difference(_wrong(line, tmp_path, text))
    whole = 4 + 2 * 100  # head and lines of the function, head and line of each row
    assert lines[-1] == f"… {whole - (len(lines) - 3)} more lines"


def test_the_reference_and_the_stub_have_no_difference(line: Exercise) -> None:
    assert difference(Case(line, Kind.REFERENCE, line.solution)) == []
    assert difference(Case(line, Kind.STUB, line.notebook)) == []
