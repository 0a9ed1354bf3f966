"""Texts become safe file names and printable lines; a file is written whole or not at all."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.text import points, printable, safe_filename, write_atomically

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


@pytest.mark.parametrize(
    ("value", "text"),
    [(8.0, "8"), (7.5, "7.5"), (1 / 3, "0.33"), (10.0, "10"), (0.0, "0"), (99.999, "100")],
)
def test_points(value: Any, text: str) -> None:
    assert points(value) == text
