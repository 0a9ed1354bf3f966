"""Stores finished results on disk before they are reported, so that a batch can go on from them.

A journal is an SQLite file for one folder of results. It must lie on a local disk: SQLite relies on
locks and on fsync, and network file systems keep neither promise
(https://sqlite.org/faq.html#q5).
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
CREATE TABLE IF NOT EXISTS used (key TEXT PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (
    pass INTEGER NOT NULL, anew INTEGER NOT NULL, environment TEXT NOT NULL
);
INSERT INTO state SELECT 0, 0, '{}' WHERE NOT EXISTS (SELECT 1 FROM state);
"""

# The rows of the days that were used last, as far as their results fit into a number of bytes.
_TOO_MUCH = """
SELECT key FROM (
    SELECT key, day, sum(length(CAST(result AS BLOB))) OVER (ORDER BY day DESC, key) AS bytes
    FROM finished JOIN used USING (key)
) WHERE day < :today AND (day < :today - :days OR bytes > :most)
"""


@dataclass(frozen=True, slots=True)
class Journal:
    """An open journal; one process at a time has it open, and one thread uses it.

    Results are stored by key and without a student, since several students may have handed in the
    same bytes. `pass_` counts how often everything was graded anew. Every method raises
    JournalError where the disk or SQLite refuses.
    """

    path: Path
    connection: sqlite3.Connection
    pass_: int

    def result(self, key: str) -> Result | None:
        """Return the result that was finished under this key in this pass, else None."""
        row = self._value("SELECT result FROM finished WHERE key = ? AND pass = ?", key, self.pass_)
        return None if row is None else Result.from_json(json.loads(str(row)))

    def has(self, key: str) -> bool:
        """Tell whether a result was finished under this key in this pass."""
        row = self._value("SELECT 1 FROM finished WHERE key = ? AND pass = ?", key, self.pass_)
        return row is not None

    def finish(self, key: str, result: Result) -> None:
        """Store a result; when this returns, the result is on disk."""
        value = json.dumps(result.to_json(), allow_nan=False)
        row = (key, self.pass_, result.exercise, result.sha256, result.seconds, value)
        with _explained(self.path), self.connection:
            self.connection.execute("REPLACE INTO finished VALUES (?, ?, ?, ?, ?, ?)", row)

    def seconds(self, exercise: str, sha256: str) -> float | None:
        """Return the longest time that grading these bytes has taken in any pass, in seconds.

        None where they have not been graded.
        """
        longest = self._value(
            "SELECT max(seconds) FROM finished WHERE exercise = ? AND sha256 = ?", exercise, sha256
        )
        return None if longest is None else float(str(longest))

    def usual_seconds(self) -> dict[str, float]:
        """Return the mean time of a grading of each exercise, in seconds."""
        with _explained(self.path):
            rows = self.connection.execute(
                "SELECT exercise, avg(seconds) FROM finished GROUP BY exercise"
            )
            return dict(rows.fetchall())

    def remember(self, environment: Mapping[str, Any]) -> None:
        """Store the environment in which results are made; plain JSON."""
        with _explained(self.path), self.connection:
            value = json.dumps(dict(environment))
            self.connection.execute("UPDATE state SET environment = ?", (value,))

    def environment(self) -> dict[str, Any]:
        """Return the environment that was stored last."""
        environment: dict[str, Any] = json.loads(str(self._value("SELECT environment FROM state")))
        return environment

    def complete(self) -> None:
        """Store that a whole batch was graded: from now on `fresh` starts another pass."""
        with _explained(self.path), self.connection:
            self.connection.execute("UPDATE state SET anew = 0")

    def prune(self, keys: Iterable[str], today: int, *, days: int, most_bytes: int) -> int:
        """Drop the results that nobody needed for a while; return how many were dropped.

        `keys` are those that were needed `today`, a number of days. A result is dropped after more
        than `days` days without use, and the one unused longest first where all results together
        have more than `most_bytes` bytes. What was needed today stays, and so does what is new.
        """
        wanted = {"today": today, "days": days, "most": most_bytes}
        with _explained(self.path):
            with self.connection:
                self.connection.executemany(
                    "REPLACE INTO used VALUES (?, ?)", [(key, today) for key in set(keys)]
                )
                self.connection.execute(
                    "INSERT OR IGNORE INTO used SELECT key, ? FROM finished", (today,)
                )
                dropped = self.connection.execute(_TOO_MUCH, wanted).fetchall()
                self.connection.executemany("DELETE FROM finished WHERE key = ?", dropped)
                self.connection.execute(
                    "DELETE FROM used WHERE key NOT IN (SELECT key FROM finished)"
                )
            if dropped:  # SQLite gives no space back by itself
                self.connection.execute("VACUUM")
        return len(dropped)

    def _value(self, query: str, *values: object) -> object:
        """Return the first column of the first row, None where there is no row."""
        with _explained(self.path):
            row = self.connection.execute(query, values).fetchone()
        return None if row is None else row[0]


@contextmanager
def open_journal(path: Path, *, fresh: bool = False) -> Iterator[Journal]:
    """Open or make the journal at `path` for the length of the block.

    With `fresh` its results count no more, except those of a fresh pass that was interrupted, which
    goes on. Raises JournalError when another process has it open, the file is no journal, or the
    disk refuses.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=1.0)
    try:
        with _explained(path):
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
    # Exclusive, so that a second run of the same command fails, and no shared memory is needed.
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
def _explained(path: Path) -> Iterator[None]:
    """Turn an error of SQLite or of the disk into a JournalError that says what to do."""
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
