"""The calibration of an exercise, as its calibration.json holds it.

`autograder calibrate` writes the file. Grading takes the thresholds from it, and `autograder
verify` compares its fingerprint with the exercise as it is now.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from autograder.course import documents
from autograder.errors import SettingsError
from autograder.text import write_atomically

__all__ = [
    "SCHEMA",
    "CalibratedThreshold",
    "Calibration",
    "FalseFail",
    "FalsePass",
    "Fingerprint",
    "Policy",
    "RecordedRun",
    "read",
    "to_text",
    "write",
]

SCHEMA = 1


class Fingerprint(msgspec.Struct, frozen=True):
    """A hash each of the metrics' code, the reference solution and the data: 16 hex digits."""

    metrics: str
    reference: str
    data: str


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rules by which the thresholds were chosen.

    `target` is the share of honest answers that may fail, `confidence` that of the upper bounds.
    `borderline` and `fit` are sentences. `rule` is the number of the rule of choice; the first
    calibrations do not name it. `most_passes` is the share of gradings in which a weak answer may
    pass. `looks` are the numbers of honest runs after which the bounds were compared with a goal or
    reported, the last number being that of this file. `look_error` is the chance that a bound of
    this file is too low, where it is less than 1 - confidence because there were several looks.
    """

    target: float
    confidence: float
    retry_seeds: tuple[int, ...]
    borderline: str
    fit: str
    rule: int = 1
    most_passes: float | None = None
    looks: tuple[int, ...] = ()
    look_error: float | None = None


class FalseFail(msgspec.Struct, frozen=True):
    """How often honest answers miss a threshold.

    Of `runs`, `failed_at_first` missed it and `borderline` lay in its band. `upper_bound` bounds
    the rate of misses, `extrapolated` is the rate under the fit, retries included. One honest run
    in a thousand lies beyond the metric's value `one_in_a_thousand`.
    """

    runs: int
    failed_at_first: int
    borderline: int
    upper_bound: float
    extrapolated: float
    one_in_a_thousand: float


class FalsePass(msgspec.Struct, frozen=True):
    """How often a weak answer reaches a threshold: `passed` of `runs`.

    `extrapolated` is the rate under a fit; None for fewer than three runs.
    """

    runs: int
    passed: int
    upper_bound: float
    extrapolated: float | None


class RecordedRun(msgspec.Struct, frozen=True, array_like=True):
    """The value of a metric in a run, under a course key (its fingerprint) and a seed."""

    key: str
    seed: int
    value: float


class CalibratedThreshold(msgspec.Struct, frozen=True, omit_defaults=True):
    """One threshold: its value, how it was chosen, and the runs that it was chosen from.

    `noise` is the standard deviation between runs of one answer, of the metric's logarithm where
    `scale` is logarithmic. `declared` tells whether exercise.toml gave the value. `honest` and
    `weak` hold the runs of each answer, `missing` names the runs in which nothing was measured.
    `doubts` are sentences on the extrapolated rates that are above their bounds.
    """

    what: str
    better: Literal["lower", "higher"]
    value: float
    noise: float
    scale: Literal["linear", "logarithmic"]
    declared: bool
    false_fail: FalseFail
    false_pass: Mapping[str, FalsePass]
    missing: tuple[str, ...]
    honest: Mapping[str, tuple[RecordedRun, ...]]
    weak: Mapping[str, tuple[RecordedRun, ...]]
    doubts: tuple[str, ...] = ()

    @property
    def logarithmic(self) -> bool:
        """Whether `noise` is on the logarithm of the metric."""
        return self.scale == "logarithmic"


class Calibration(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole calibration.json.

    `environment` names the Python, the libraries and the isolation of the machine that measured.
    `answers` holds a digest of each answer that was measured; the first calibrations have none.
    """

    schema: int
    exercise: str
    fingerprint: Fingerprint = msgspec.field(name="fits")  # the key since the first calibrations
    environment: Mapping[str, str]
    policy: Policy
    thresholds: Mapping[str, CalibratedThreshold]
    answers: Mapping[str, str] = {}


def read(path: Path) -> Calibration:
    """Return the calibration in a file; raises SettingsError for a file that does not fit."""
    document = documents.read_json(path)
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise SettingsError(f"{path}: schema {schema!r} is not {SCHEMA}: run autograder calibrate")
    return documents.convert(document, Calibration, path)


def write(path: Path, calibration: Calibration) -> None:
    """Write a calibration as the whole file at `path`; raises ValueError for NaN."""
    write_atomically(path, to_text(calibration))


def to_text(calibration: Calibration) -> str:
    """Return the text of the file, each recorded run on a line; raises ValueError for NaN."""
    document = msgspec.to_builtins(calibration)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    run = r"\[\n\s+(\"[^\"]*\"),\n\s+(\d+),\n\s+([^\s]+)\n\s+\]"
    return re.sub(run, r"[\1, \2, \3]", text) + "\n"
