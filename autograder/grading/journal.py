"""Finished results on disk: each is durable before it is reported, and a batch goes on from them.

One SQLite file for one folder of results. It must lie on a local disk: SQLite relies on locks and
on fsync, and network file systems keep neither promise (https://sqlite.org/faq.html#q5).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import JournalError
from autograder.result import Result

NAME = "journal.db"
_SCHEMA = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS finished (
    key TEXT PRIMARY KEY,
    pass INTEGER NOT NULL,
    exercise TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    seconds REAL NOT NULL,
    result TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS finished_work ON finished (exercise, sha256, seconds);
CREATE TABLE IF NOT EXISTS state (
    pass INTEGER NOT NULL, anew INTEGER NOT NULL, environment TEXT NOT NULL
);
INSERT INTO state SELECT 0, 0, '{}' WHERE NOT EXISTS (SELECT 1 FROM state);
"""


@dataclass(frozen=True, slots=True)
class Journal:
    """An open journal; one process at a time has it, one thread uses it.

    Results are kept by key, without whose they are: `pass_` counts how often all was graded anew.
    """

    path: Path
    connection: sqlite3.Connection
    pass_: int

    def result(self, key: str) -> Result | None:
        """Return what was finished under this key, None when nothing was."""
        row = self._one("SELECT result FROM finished WHERE key = ? AND pass = ?", key, self.pass_)
        return None if row is None else Result.from_json(json.loads(str(row)))

    def has(self, key: str) -> bool:
        """Tell whether something was finished under this key."""
        row = self._one("SELECT 1 FROM finished WHERE key = ? AND pass = ?", key, self.pass_)
        return row is not None

    def finish(self, key: str, result: Result) -> None:
        """Keep a result; when this returns it is on disk. Raises JournalError when it cannot be."""
        value = json.dumps(result.to_json(), allow_nan=False)
        row = (key, self.pass_, result.exercise, result.sha256, result.seconds, value)
        with _told(self.path), self.connection:
            self.connection.execute("REPLACE INTO finished VALUES (?, ?, ?, ?, ?, ?)", row)

    def seconds(self, exercise: str, sha256: str) -> float | None:
        """Return the longest that these bytes have taken to grade, whatever was graded by."""
        known = self._one(
            "SELECT max(seconds) FROM finished WHERE exercise = ? AND sha256 = ?", exercise, sha256
        )
        return None if known is None else float(str(known))

    def usual_seconds(self) -> dict[str, float]:
        """Return the mean seconds of a grading by exercise."""
        with _told(self.path):
            rows = self.connection.execute(
                "SELECT exercise, avg(seconds) FROM finished GROUP BY exercise"
            )
            return dict(rows.fetchall())

    def remember(self, environment: Mapping[str, Any]) -> None:
        """Keep what the results were made with; plain JSON."""
        with _told(self.path), self.connection:
            value = json.dumps(dict(environment))
            self.connection.execute("UPDATE state SET environment = ?", (value,))

    def environment(self) -> dict[str, Any]:
        """Return what was remembered last."""
        known: dict[str, Any] = json.loads(str(self._one("SELECT environment FROM state")))
        return known

    def complete(self) -> None:
        """Say that everything asked for has been graded: grading anew starts another pass."""
        with _told(self.path), self.connection:
            self.connection.execute("UPDATE state SET anew = 0")

    def _one(self, query: str, *values: object) -> object:
        with _told(self.path):
            row = self.connection.execute(query, values).fetchone()
        return None if row is None else row[0]


@contextmanager
def open_journal(path: Path, *, fresh: bool = False) -> Iterator[Journal]:
    """Open or make the journal at `path` for the length of the block.

    With `fresh` what it holds counts no more, but a fresh pass that was interrupted goes on. Raises
    JournalError when another process has it, or it is none, or the disk refuses.
    """
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=1.0)
    try:
        with _told(path):
            _prepare(connection, path)
            pass_, anew = connection.execute("SELECT pass, anew FROM state").fetchone()
            if fresh and not anew:
                pass_ += 1
                with connection:
                    connection.execute("UPDATE state SET pass = ?, anew = 1", (pass_,))
        yield Journal(path, connection, int(pass_))
    finally:
        connection.close()


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # Exclusive: a second run of the same command is told to wait, and no shared memory is needed.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, _SCHEMA):
        raise JournalError(f"{path} was written by another version: name another folder or file")
    with connection:
        connection.execute("BEGIN EXCLUSIVE")
        for statement in _statements():
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_SCHEMA}")


def _statements() -> Iterable[str]:
    return (part for part in _TABLES.split(";") if part.strip())


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk say into a sentence on what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{path}: {_advice(error)}") from error


def _advice(error: sqlite3.Error | OSError) -> str:
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another run is writing to it. Wait until it has ended."
    if code.startswith("SQLITE_NOTADB"):
        return "this is no journal of ours. Name another with --journal."
    if code.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return (
            f"the disk takes no more ({error}). What was finished before is kept: free some space "
            "and run the same command again."
        )
    return f"{type(error).__name__}: {error}"
