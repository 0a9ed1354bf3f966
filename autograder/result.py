"""The result of a submission: checks, points and messages, as reports and gradebooks read it."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

SCHEMA = 1
WITHHELD = (
    "The grader itself failed here. This is not your fault and no grade: "
    "your instructor can see why and will grade it again."
)
"""The message for a student whose submission or check has no grade because the grader failed."""


class Outcome(enum.StrEnum):
    """How a check ended; results.json holds no other outcome."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    LIMIT = "limit"
    BLOCKED = "blocked"
    REFUSED_MODEL = "refused_model"
    GRADER_ERROR = "grader_error"


class Status(enum.StrEnum):
    """Whether a submission has a grade; if not, whether its file or the grader was at fault."""

    GRADED = "graded"
    REJECTED = "rejected"
    GRADER_ERROR = "grader_error"


class Visibility(enum.StrEnum):
    """Whether a student can run a check before handing in."""

    VISIBLE = "visible"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured number of a check, and the threshold with which it was compared.

    `value` is None for NaN and infinity. `tries` counts the measurements: more than 1 where a near
    miss was measured again.
    """

    name: str
    value: float | None
    limit: float
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a submission, as it ended.

    `points` are earned points of `max_points`. `message` is what the student reads; `evidence` and
    `measures` are for the instructor alone.
    """

    id: str
    title: str
    visibility: Visibility
    outcome: Outcome
    points: float
    max_points: float
    message: str = ""
    evidence: str = ""
    seconds: float = 0.0
    borderline: bool = False
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The grade of a submission, or the reason why it has none.

    `message` and `notes` are for the student, `evidence` is for the instructor alone.
    """

    student: str
    exercise: str
    source: str
    sha256: str
    key: str
    status: Status
    isolation: str = ""
    message: str = ""
    evidence: str = ""
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    cached: bool = False

    @property
    def score(self) -> float:
        """Points earned, in the exercise's points."""
        return round(sum(check.points for check in self.checks), 6)

    @property
    def max_score(self) -> float:
        """Points that could be earned."""
        return round(sum(check.max_points for check in self.checks), 6)

    def to_json(self) -> dict[str, Any]:
        """Return this result as the plain object that results.json holds."""
        return {**asdict(self), "score": self.score, "max_score": self.max_score}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        names = {field.name for field in fields(cls)}
        checks = tuple(
            Check(
                **{
                    **check,
                    "visibility": Visibility(check["visibility"]),
                    "outcome": Outcome(check["outcome"]),
                    "measures": tuple(Measure(**m) for m in check.get("measures", ())),
                }
            )
            for check in value["checks"]
        )
        values = {name: entry for name, entry in value.items() if name in names}
        values |= {
            "checks": checks,
            "notes": tuple(value["notes"]),
            "status": Status(value["status"]),
        }
        return cls(**values)

    def with_note(self, note: str) -> Self:
        """Return the same result with a further note for student and instructor."""
        return replace(self, notes=(*self.notes, note))
