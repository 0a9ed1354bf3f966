"""The finished runs of a calibration under way, on file: an interruption loses no finished run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import msgspec

from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.observation import Observation
from autograder.calibration.plan import Run
from autograder.course.calibration_file import Fingerprint
from autograder.course.exercise import Exercise, Root

__all__ = ["RunLog"]

_NAME = "calibration.runs.jsonl"


class _Line(msgspec.Struct, frozen=True):
    fingerprint: Fingerprint
    run: str
    metrics: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]
    seconds: float


class RunLog:
    """A file beside calibration.json, with a line for each run.

    `fingerprint` is that of code and data at the time when the log was opened. Lines with another
    fingerprint do not count.
    """

    def __init__(self, exercise: Exercise, root: Root) -> None:
        self._path = exercise.authored / _NAME
        self.fingerprint = fingerprint(exercise, root)

    def among(self, planned: Sequence[Run]) -> list[Observation]:
        """Return what the file holds of the planned runs."""
        texts = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        lines = [line for line in map(_read, texts) if line is not None]
        valid = {line.run: line for line in lines if line.fingerprint == self.fingerprint}
        pairs = ((run, valid.get(_identity(run))) for run in planned)
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
            self.fingerprint, _identity(seen.run), seen.metrics, seen.baselines, seen.seconds
        )
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(msgspec.to_builtins(line)) + "\n")

    def forget(self) -> None:
        """Remove the file: calibration.json now holds its runs."""
        self._path.unlink(missing_ok=True)


def _read(text: str) -> _Line | None:
    """Return a line, or None for a line that is cut short or of another version's form."""
    try:
        return msgspec.convert(json.loads(text), _Line)
    except (ValueError, msgspec.ValidationError):
        return None


def _identity(run: Run) -> str:
    digest = hashlib.sha256(hashlib.sha256(run.task.content).digest() + run.task.model)
    return f"{run.answer} {run.seed} {digest.hexdigest()[:16]}"
