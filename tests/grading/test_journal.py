"""The journal keeps what it was given, whatever happens next, and says why when it cannot."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import JournalError
from autograder.grading.journal import open_journal
from autograder.result import Check, Measure, Outcome, Result, Status, Visibility

# SQLite opens a file of its own for each key; a class sends any text.
TEXT = st.text(max_size=20) | st.just("\ud800")
CHECKS = st.builds(
    Check,
    id=TEXT,
    title=TEXT,
    visibility=st.sampled_from(Visibility),
    outcome=st.sampled_from(Outcome),
    points=st.floats(0, 9),
    max_points=st.floats(0, 9),
    message=TEXT,
    measures=st.lists(st.builds(Measure, TEXT, st.none() | st.floats(0, 1), st.floats(0, 1))).map(
        tuple
    ),
)


def result(seconds: float = 1.0, **changes: Any) -> Result:
    known = {"student": "", "exercise": "line", "source": "", "sha256": "a", "key": "k"}
    return Result(**{**known, "status": Status.GRADED, "seconds": seconds, **changes})


@given(known=st.dictionaries(TEXT.filter(str.isprintable), st.lists(CHECKS, max_size=2)))
def test_what_was_finished_is_there_when_it_is_opened_again(
    tmp_path_factory: pytest.TempPathFactory, known: Any
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    results = {key: result(checks=tuple(checks)) for key, checks in known.items()}
    with open_journal(path) as journal:
        for key, stored in results.items():
            assert not journal.has(key)
            journal.finish(key, stored)
    with open_journal(path) as journal:
        for key, stored in results.items():
            assert journal.has(key)
            assert journal.result(key) == stored
        assert journal.result("another") is None


def test_a_fresh_pass_forgets_and_an_interrupted_one_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with open_journal(path) as journal:
        journal.finish("old", result())
        journal.complete()
    with open_journal(path, fresh=True) as journal:
        assert not journal.has("old")
        journal.finish("new", result())
        # It ends here, in the middle.
    with open_journal(path, fresh=True) as journal:
        assert journal.has("new")
        assert not journal.has("old")
        journal.complete()
    with open_journal(path) as journal:
        assert journal.has("new")
    with open_journal(path, fresh=True) as journal:
        assert not journal.has("new")


def test_how_long_things_took_is_known_in_every_pass(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal.db") as journal:
        journal.finish("1", result(4.0))
        journal.finish("2", result(8.0))
        journal.finish("3", result(3.0, sha256="b"))
        journal.complete()
    with open_journal(tmp_path / "journal.db", fresh=True) as journal:
        assert journal.seconds("line", "a") == 8.0
        assert journal.seconds("line", "c") is None
        assert journal.seconds("other", "a") is None
        assert journal.usual_seconds() == {"line": 5.0}


def test_one_run_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with (
        open_journal(path) as journal,
        pytest.raises(JournalError, match="another run is writing"),
        open_journal(path),
    ):
        pass
    assert not list(tmp_path.glob("*.db-*")), "files are left behind"
    del journal


@pytest.mark.parametrize("content", [b"no database at all, only text" * 50, b"\0" * 4096])
def test_what_is_no_journal_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(JournalError, match="journal"), open_journal(path):
        pass
    assert path.read_bytes() == content


def test_a_journal_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="another version"), open_journal(path):
        pass


WRITER = """
import sys
from pathlib import Path
from autograder.grading.journal import open_journal
from autograder.result import Result, Status
with open_journal(Path(sys.argv[1])) as journal:
    for number in range(10**6):
        result = Result("", "line", "", str(number), "k", Status.GRADED, message="x" * 3000)
        journal.finish(str(number), result)
        print(number, flush=True)
"""


@contextmanager
def writer(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a process that reports every result it has finished."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.mark.parametrize("count", [1, 7, 150])
def test_what_was_reported_survives_a_kill(tmp_path: Path, count: int) -> None:
    with writer(tmp_path / "journal.db") as process:
        assert process.stdout is not None
        reported = [int(process.stdout.readline()) for _ in range(count)]
        os.kill(process.pid, signal.SIGKILL)
        reported += [int(line) for line in process.stdout if line.endswith("\n")]
    with open_journal(tmp_path / "journal.db") as journal:
        results = {number: journal.result(str(number)) for number in reported}
    assert all(result and result.sha256 == str(number) for number, result in results.items())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a file system here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_loses_nothing_that_was_reported(small_disk: Path) -> None:
    path, ballast = small_disk / "journal.db", small_disk / "ballast"
    ballast.write_bytes(bytes(1 << 19))
    with writer(path) as process:
        shown, errors = process.communicate(timeout=120)
    reported = shown.split()
    assert len(reported) > 10
    assert "the disk takes no more" in errors
    assert "free some space and run the same command again" in errors
    ballast.unlink()
    with open_journal(path) as journal:
        assert all(journal.has(number) for number in reported)
        journal.finish("one more", result())
        assert journal.has("one more")


DAYS, MOST = 3, 2500


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sets(st.sampled_from("abcdefgh")), st.integers(0, 4)), max_size=6))
def test_what_nobody_needed_is_dropped_and_what_was_needed_stays(
    tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[set[str], int]]
) -> None:
    last: dict[str, int] = {}
    size = len(json.dumps(result().to_json()))
    today = 0
    with open_journal(tmp_path_factory.mktemp("journal") / "verify.db") as journal:
        for keys, pause in runs:
            today += pause
            for key in keys - last.keys():
                journal.finish(key, result())
            last |= dict.fromkeys(keys, today)
            young = {key for key, day in last.items() if today - day <= DAYS}
            ranked = sorted(young, key=lambda key: (-last[key], key))
            kept = {key for n, key in enumerate(ranked, 1) if n * size <= MOST or key in keys}
            # What was used on this day, though not by this run, stays as well.
            kept |= {key for key in young if last[key] == today}
            before = len(last)
            last = {key: day for key, day in last.items() if key in kept}
            assert journal.prune(keys, today, days=DAYS, most_bytes=MOST) == before - len(last)
            assert {key for key in "abcdefgh" if journal.has(key)} == kept


def test_results_of_a_journal_that_was_never_pruned_count_as_used_today(tmp_path: Path) -> None:
    path = tmp_path / "verify.db"
    with open_journal(path) as journal:
        journal.finish("old", result())
        journal.connection.execute("DROP TABLE used")  # as an earlier version left the file
    with open_journal(path) as journal:
        assert journal.prune([], 20_000, days=30, most_bytes=10**9) == 0
        assert journal.prune([], 20_030, days=30, most_bytes=10**9) == 0
        assert journal.prune([], 20_031, days=30, most_bytes=10**9) == 1
        assert not journal.has("old")


def test_a_file_gives_its_space_back(tmp_path: Path) -> None:
    path = tmp_path / "verify.db"
    check = Check("a", "A", Visibility.HIDDEN, Outcome.PASSED, 1, 1, "long " * 20_000)
    with open_journal(path) as journal:
        for number in range(20):
            journal.finish(str(number), result(checks=(check,)))
        journal.prune([], 1, days=30, most_bytes=10**9)
    large = path.stat().st_size
    with open_journal(path) as journal:
        assert journal.prune(["0"], 2, days=30, most_bytes=150_000) == 19
        assert journal.has("0")
    assert path.stat().st_size < large / 5
