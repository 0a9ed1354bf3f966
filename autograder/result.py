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
    """How a check ended; results.json holds no other outcome.

    A check is `open` until a person has given its points.
    """

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
    OPEN = "open"


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
class Answer:
    """What a student handed in for a question that a person grades; for the instructor alone.

    `text` is untrusted text, `picture` the path of a file below the folder of results, '' without a
    picture. `note` tells the instructor where the text was found, or why there is no picture.
    """

    text: str
    picture: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What a person said of a check: `comment` is for the student.

    `points` and `outcome` are those that the check had before.
    """

    comment: str
    points: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a submission, as it ended.

    `points` are earned points of `max_points`. `message` is what the student reads; `evidence` and
    `measures` are for the instructor alone. Only a question that a person grades has an `answer`,
    and only a check that a person has looked at has a `review`.
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
    answer: Answer | None = None
    review: Review | None = None

    @property
    def is_adjusted(self) -> bool:
        """Whether a person decided on the points of the check."""
        before = self.review
        return before is not None and (before.points, before.outcome) != (self.points, self.outcome)

    def to_json(self) -> dict[str, Any]:
        """Return this check as the plain object that results.json holds."""
        value = asdict(self)
        return {
            name: entry
            for name, entry in value.items()
            if name not in ("answer", "review") or entry is not None
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        answer, review = value.get("answer"), value.get("review")
        return cls(
            **{
                **value,
                "visibility": Visibility(value["visibility"]),
                "outcome": Outcome(value["outcome"]),
                "measures": tuple(Measure(**m) for m in value.get("measures", ())),
                "answer": Answer(**answer) if answer else None,
                "review": Review(**{**review, "outcome": Outcome(review["outcome"])})
                if review
                else None,
            }
        )


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

    @property
    def open_points(self) -> float:
        """Points that a person has still to give or to refuse; `max_score` holds them too."""
        return round(sum(c.max_points for c in self.checks if c.outcome is Outcome.OPEN), 6)

    def to_json(self) -> dict[str, Any]:
        """Return this result as the plain object that results.json holds."""
        value = {**asdict(self), "checks": [check.to_json() for check in self.checks]}
        value |= {"score": self.score, "max_score": self.max_score}
        return value | ({"open_points": self.open_points} if self.open_points else {})

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        names = {field.name for field in fields(cls)}
        checks = tuple(Check.from_json(check) for check in value["checks"])
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
