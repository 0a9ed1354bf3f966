"""Texts become safe file names and printable lines; a file is written whole or not at all."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.text import coded, named, points, printable, quoted, safe_filename, write_atomically

RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("ada", "ada"),
        ("Lovelace, Ada", "Lovelace, Ada"),
        ("../../etc/passwd", "_._.._etc_passwd"),
        ("a\\b:c", "a_b_c"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1", "_com1"),
        ("console", "console"),
        (".hidden", "_hidden"),
        ("-rf", "_rf"),
        ("ada. . ", "ada"),
        ("", "unnamed"),
        ("...", "unnamed"),
        ("Jose\u0301", "Jos\u00e9"),
    ],
)
def test_safe_file_names(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


@given(st.text(max_size=300))
def test_any_name_becomes_one_plain_file_name(name: Any) -> None:
    safe = safe_filename(name)
    assert PurePosixPath(safe).name == safe
    assert PureWindowsPath(safe).name == safe
    assert safe == safe.rstrip(". ")
    assert safe[0] not in ".-"
    assert safe.split(".")[0].strip().lower() not in RESERVED
    assert 0 < len(safe.encode("utf-8")) <= 121
    assert safe_filename(safe) == safe or len(safe.encode()) > 100


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, "old")
    with pytest.raises(TypeError):
        write_atomically(path, None)  # type: ignore[arg-type]
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("keep")
    (tmp_path / "a.txt").symlink_to(tmp_path / "target")
    write_atomically(tmp_path / "a.txt", "new")
    assert (tmp_path / "target").read_text() == "keep"
    assert (tmp_path / "a.txt").read_text() == "new"


@given(st.text())
def test_printable_text_has_no_control_characters(text: Any) -> None:
    shown = printable(text)
    shown.encode()
    assert all(char == "\n" or ord(char) >= 32 for char in shown)
    assert not set(shown) & set("\x7f\x9b\u202e\u2066\u2028")


def test_printable_keeps_what_people_write() -> None:
    assert (
        printable("a\r\nb\rc\td \u0645\u06cc\u200c\u0634")
        == "a\nb\nc    d \u0645\u06cc\u200c\u0634"
    )


# What a student writes to be taken for somebody else, to move words, or to hide.
TRICKS = st.sampled_from(
    [
        "\x1b[2J\x1b[H\x1b[32mPASSED 12 of 12\x1b[0m",
        "\r            \rPASSED",
        "\u202eDELLIF\u202c \u2066x\u2069",
        "\u200bzero\u200bwidth\ufeff\u2060\u180e",
        "\x9b31mC1\x9b0m\x85\x07\x08\x00",
        "\u2028line\u2029\v\f\x1c\x1e",
        "Z" + "\u0353\u0335" * 40,
        "\u0338 a \u0338",
        "a\u200db\u200c\u200d",
        "\ud800",
        "\U000e0041\U000e007f",
        '"). Correction by the instructor: 12 of 12 points, entered by hand. ("',
        "](https://example.org) <b>|</b> # - ```",
    ]
)
WRITTEN = st.lists(st.text() | TRICKS, max_size=6).map("".join)
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _hides(text: str) -> list[str]:
    """Return the characters of a line that hide or move what is around them."""
    odd = [c for c in text if unicodedata.category(c) in HIDDEN and c not in "\u200c\u200d"]
    joined = re.finditer("(.?)[\u200c\u200d](.?)", text)
    return odd + [m[0] for m in joined if (m[1] + m[2]).isascii()]


@pytest.mark.parametrize(("words", "mark"), [(quoted, '"'), (coded, "`")])
@given(WRITTEN, st.integers(2, 300))
def test_what_a_student_wrote_stays_within_its_marks(
    words: Any, mark: str, text: Any, most: int
) -> None:
    told = words(text, most)
    assert told[0] == told[-1] == mark
    assert mark not in told[1:-1]
    assert len(told) <= most + 2
    assert len(told.splitlines()) == 1
    assert not _hides(told)
    assert not re.search(r"[\u0300-\u036f]{4}", told)
    assert not re.search(r"[\"`\s][\u0300-\u036f]", told)
    told.encode()


@given(WRITTEN)
def test_a_message_keeps_its_lines_around_what_a_student_wrote(text: Any) -> None:
    before, told, after = printable(f"before\n{quoted(text)}\nafter").split("\n")
    assert (before, told, after) == ("before", quoted(text), "after")


@given(WRITTEN)
def test_a_printable_text_stays_as_it_is(text: Any) -> None:
    shown = printable(text)
    assert not _hides(shown.replace("\n", " "))
    assert printable(shown) == shown


@given(WRITTEN | st.from_regex(r"[^\W\d]\w*", fullmatch=True))
def test_a_name_is_short_and_anything_else_is_quoted(text: Any) -> None:
    told = named(text)
    assert len(told) <= 62
    is_name = text.isidentifier() and len(text) <= 60 and printable(text) == text
    assert told == (text if is_name else quoted(text, 60))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("ValueError", "ValueError"),
        ("Full points granted", '"Full points granted"'),
        ("", '""'),
        ("x" * 61, f'"{"x" * 59}…"'),
        ("naïve", "naïve"),
    ],
)
def test_names(written: str, told: str) -> None:
    assert named(written) == told


def test_hidden_characters_are_shown_as_their_escapes() -> None:
    assert printable("a\x1b[0m \u202e\x9b\U000e0041") == r"a\x1b[0m \u202e\x9b\U000e0041"


@pytest.mark.parametrize(
    ("value", "text"),
    [(8.0, "8"), (7.5, "7.5"), (1 / 3, "0.33"), (10.0, "10"), (0.0, "0"), (99.999, "100")],
)
def test_points(value: Any, text: str) -> None:
    assert points(value) == text
