"""What a notebook wrote is kept beside it: no link is followed, nothing blocks, nothing raises."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.nbgrader.files import keep_written

LIMIT = 64 << 20
Make = Callable[[Path], object]


def _nothing(folder: Path) -> None:
    """Leave a folder as it is."""


def _written(name: str, text: str = "x") -> Make:
    def make(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return make


def _sparse(name: str, size: int) -> Make:
    def make(folder: Path) -> None:
        with (folder / name).open("wb") as stream:
            stream.truncate(size)

    return make


def _link(name: str, to: str) -> Make:
    return lambda folder: (folder / name).symlink_to(to)


def _fifo(name: str) -> Make:
    return lambda folder: os.mkfifo(folder / name)


ODD = {
    "a link to a secret": (_link("out.csv", "../outside/secret"), _nothing, {}),
    "a linked folder": (_link("data", "../outside"), _nothing, {}),
    "a FIFO": (_fifo("out.csv"), _nothing, {}),
    "200 GiB of nothing": (_sparse("out.csv", 200 << 30), _nothing, {}),
    "a link in its place": (_written("out.csv"), _link("out.csv", "../outside/new"), {}),
    "a linked folder on its way": (_written("d/x"), _link("d", "../outside"), {}),
    "a FIFO in its place": (_written("out.csv"), _fifo("out.csv"), {}),
    "a folder in its place": (_written("d"), _written("d/a", "old"), {"d/a": "old"}),
    "a file on its way": (_written("a/b/x"), _written("a", "old"), {"a": "old"}),
    "another day": (
        _written("timestamp.txt", "1999-01-01"),
        _written("timestamp.txt", "2025-11-27"),
        {"timestamp.txt": "2025-11-27"},
    ),
    "a new file": (_written("d/out.csv", "new"), _nothing, {"d/out.csv": "new"}),
    "a changed file": (_written("a", "new"), _written("a", "old"), {"a": "new"}),
    "a hidden file": (_written(".ssh/config"), _nothing, {}),
    "a notebook": (_written("hidden.ipynb"), _nothing, {}),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ODD)
def test_odd_files_change_nothing_but_what_they_may(name: str, tmp_path: Path) -> None:
    make, waits, kept = ODD[name]
    scratch, folder, outside = (tmp_path / part for part in ("scratch", "folder", "outside"))
    for part in (scratch, folder, outside):
        part.mkdir()
    (outside / "secret").write_text("SECRET")
    waits(folder)
    make(scratch)
    keep_written(scratch, folder, LIMIT)
    found = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.relative_to(folder).as_posix(): path.read_text() for path in found} == kept
    assert [path.name for path in outside.iterdir()] == ["secret"]


def test_large_files_are_compared_and_copied_in_pieces(tmp_path: Path) -> None:
    scratch, folder = tmp_path / "scratch", tmp_path / "folder"
    for part in (scratch, folder):
        part.mkdir()
        _sparse("out.csv", LIMIT - 1)(part)
    (scratch / "out.csv").open("r+b").write(b"1")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    keep_written(scratch, folder, LIMIT)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10
    assert (folder / "out.csv").open("rb").read(1) == b"1"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_stays_behind(tmp_path: Path) -> None:
    scratch, folder = tmp_path / "scratch", tmp_path / "folder"
    for part in (scratch, folder):
        part.mkdir()
    for name in ("a", "b"):
        _written(name)(scratch)
    (scratch / "a").chmod(0)
    keep_written(scratch, folder, LIMIT)
    assert [path.name for path in folder.iterdir()] == ["b"]
