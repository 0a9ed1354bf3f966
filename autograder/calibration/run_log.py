"""The finished runs of a calibration under way, on file: an interruption loses no finished run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import msgspec

from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.identity import identity
from autograder.calibration.observation import Observation
from autograder.calibration.plan import Run
from autograder.course.calibration_file import Fingerprint
from autograder.course.exercise import Exercise, Root

__all__ = ["RunLog"]

_NAME = "calibration.runs.jsonl"
_PAST = ".autograder/calibration"


class _Line(msgspec.Struct, frozen=True):
    fingerprint: Fingerprint
    run: str
    metrics: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]
    seconds: float
    libraries: Mapping[str, str] = {}

    @property
    def answer(self) -> str:
        """The answer that ran: what `run` begins with."""
        return self.run.rpartition(" ")[0].rpartition(" ")[0]


class RunLog:
    """A file beside calibration.json, with a line for each run.

    `fingerprint` is that of code and data at the time when the log was opened, and `libraries` are
    the versions that measure now. Lines with others do not count. When calibration.json holds the
    runs, the file moves into the course's .autograder/, where it tells how long an answer takes.
    """

    def __init__(self, exercise: Exercise, root: Root, libraries: Mapping[str, str]) -> None:
        self.path = exercise.authored / _NAME
        self._past = root.path / _PAST / f"{exercise.name}.runs.jsonl"
        self.libraries = dict(libraries)
        self.fingerprint = fingerprint(exercise, root)

    def among(self, planned: Sequence[Run]) -> list[Observation]:
        """Return what the file holds of the planned runs."""
        valid = {line.run: line for line in _lines(self.path) if self._counts(line)}
        digests = {run.answer: identity(run.task) for run in planned}
        pairs = ((run, valid.get(_name(run, digests[run.answer]))) for run in planned)
        return [
            Observation(run, line.metrics, line.baselines, line.seconds)
            for run, line in pairs
            if line is not None
        ]

    def add(self, seen: Observation) -> None:
        """Append a run; a run with a problem is not written, so it will be graded again."""
        if seen.problem:
            return
        line = _Line(
            self.fingerprint,
            _name(seen.run, identity(seen.run.task)),
            seen.metrics,
            seen.baselines,
            seen.seconds,
            self.libraries,
        )
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(msgspec.to_builtins(line)) + "\n")

    def seconds(self) -> dict[str, float]:
        """Return how long a run of each answer took on average, in the last runs on file."""
        taken: dict[str, list[float]] = {}
        for line in (*_lines(self._past), *_lines(self.path)):
            taken.setdefault(line.answer, []).append(line.seconds)
        return {answer: fmean(seconds) for answer, seconds in taken.items()}

    def forget(self) -> None:
        """Move the file away: calibration.json now holds its runs."""
        if self.path.exists():
            self._past.parent.mkdir(parents=True, exist_ok=True)
            self.path.replace(self._past)

    def _counts(self, line: _Line) -> bool:
        return line.fingerprint == self.fingerprint and line.libraries == self.libraries


def _lines(path: Path) -> Iterator[_Line]:
    """Yield the lines of a file; none where the file is missing."""
    for text in path.read_text("utf-8").splitlines() if path.exists() else ():
        line = _read(text)
        if line is not None:
            yield line


def _read(text: str) -> _Line | None:
    """Return a line, or None for a line that is cut short or of another version's form."""
    try:
        return msgspec.convert(json.loads(text), _Line)
    except (ValueError, msgspec.ValidationError):
        return None


def _name(run: Run, digest: str) -> str:
    return f"{run.answer} {run.seed} {digest}"
