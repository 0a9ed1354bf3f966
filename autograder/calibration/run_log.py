"""The runs of a calibration under way, on file as they end: an interruption costs only its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from autograder.calibration.calibrate import Observed, Run
from autograder.calibration.fingerprint import fits
from autograder.course.exercise import Exercise, Root

_NAME = "calibration.runs.jsonl"


class RunLog:
    """A file beside calibration.json, a line a run; lines of other code or data do not count.

    `fits` are the hashes of code and data at the time when it was opened.
    """

    def __init__(self, exercise: Exercise, root: Root) -> None:
        self._path = exercise.authored / _NAME
        self.fits = fits(exercise, root)

    def among(self, planned: Sequence[Run]) -> list[Observed]:
        """Return what is on file of the planned runs."""
        lines = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        entries = {entry["run"]: entry for entry in map(json.loads, lines) if self._holds(entry)}
        return [
            Observed(run, **entries[_identity(run)]["seen"])
            for run in planned
            if _identity(run) in entries
        ]

    def add(self, one: Observed) -> None:
        """Keep one run; one that showed nothing is left to be graded again."""
        if one.problem:
            return
        seen = {name: item for name, item in asdict(one).items() if name != "run"}
        entry = {"fits": self.fits, "run": _identity(one.run), "seen": seen}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def forget(self) -> None:
        """Remove the file: the calibration holds what it held."""
        self._path.unlink(missing_ok=True)

    def _holds(self, entry: dict[str, object]) -> bool:
        return entry["fits"] == self.fits


def _identity(run: Run) -> str:
    content = hashlib.sha256(run.task.content).hexdigest()[:16]
    return f"{run.answer} {run.seed} {content}"
