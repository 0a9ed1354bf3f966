"""A syntax error that a newer Python accepts is told from a syntax error in every Python."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebooks.newer_python import accepting_version, explanation

OLD = (3, 11)
NEWER = [
    ('x = f"{a["b"]}"', (3, 12)),
    ('x = f"{a["b"]:>{w["x"]}} {{}} {c!r:>5} {d["e"]=}"', (3, 12)),
    ('x = rf"{a["b"]}\\d"\ny = "plain"', (3, 12)),
    ("f\"{'\\n'.join(x)}\"", (3, 12)),
    ('f"{f"{f"{1 + 1}"}"}"', (3, 12)),
    ('x = f"""{\n    a["""b"""]  # a comment with "quotes"\n}"""', (3, 12)),
    ("type Row = list[float]\n", (3, 12)),
    ("def first[T](rows: list[T]) -> T:\n    return rows[0]\n", (3, 12)),
    ("class Box[T]:\n    pass\n", (3, 12)),
    ("try:\n    pass\nexcept KeyError, ValueError:\n    pass\n", (3, 14)),
    ('x = t"{a}"\n', (3, 14)),
]
NEVER = [
    *("x = (1\n", "def f(:\n", 'print "x"', 'x = "abc', 'f"{a b}"', 'f"{a["b"]}" + f"{c d}"'),
    *('x = f"{a["b"]}"\ny = (', 'f"{a["b"]"', "type = = 1", "for x in:\n    pass"),
]


@pytest.mark.parametrize(("source", "version"), NEWER)
def test_the_first_python_that_accepts_code(source: str, version: tuple[int, int]) -> None:
    assert accepting_version(source, OLD) == version
    assert accepting_version(source, version) is None
    if sys.version_info[:2] >= version:
        ast.parse(source)  # this Python agrees


@pytest.mark.parametrize("source", NEVER)
def test_an_error_in_every_python_is_no_newer_pythons(source: str) -> None:
    assert accepting_version(source, OLD) is None
    assert explanation(source) == ""
    with pytest.raises(SyntaxError):
        ast.parse(source)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads the code")
def test_the_explanation_names_both_versions() -> None:
    assert explanation(NEWER[0][0]) == "Python 3.12 accepts this, the grader runs Python 3.11"


def test_a_script_with_newer_strings_is_known_by_them() -> None:
    script = Path(__file__).parents[1] / "reported" / "python_3_12_fstring.txt"
    assert accepting_version(script.read_text("utf-8"), OLD) == (3, 12)


@given(st.text(st.sampled_from("ft\"'{}[]()!r:=\\\n# ax1,.\N{SNOWMAN}"), max_size=80))
def test_any_text_is_looked_through(text: str) -> None:
    version = accepting_version(text, OLD)
    if version is not None and sys.version_info[:2] >= version:
        ast.parse(text)


def test_strings_inside_each_other_without_end_are_given_up() -> None:
    assert accepting_version('f"{' * 20_000, OLD) is None
    assert accepting_version('f"{' * 15 + "1" + '}"' * 15, OLD) == (3, 12)
    assert accepting_version('f"{' * 30 + "1" + '}"' * 30, OLD) is None
