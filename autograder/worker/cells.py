"""A notebook cell as it crosses to the student worker, and the report that crosses back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

RAN: Final = "ran"
FAILED: Final = "failed"
INTERRUPTED: Final = "interrupted"
DEFINITIONS_ONLY: Final = "definitions_only"
SKIPPED: Final = "skipped"
STATUSES: Final = frozenset({RAN, FAILED, INTERRUPTED, DEFINITIONS_ONLY, SKIPPED})

MAX_MESSAGE = 300
MAX_NOTES = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell; `skip` marks a demonstration that the exercise itself shipped."""

    source: str
    skip: bool = False

    @classmethod
    def from_value(cls, value: Any) -> Self:
        """Read `{"source": str, "skip": bool}`; raises ValueError for anything else."""
        if type(value) is not dict or set(value) != {"source", "skip"}:
            raise ValueError("a cell is {'source': text, 'skip': bool}")
        if type(value["source"]) is not str or type(value["skip"]) is not bool:
            raise ValueError("a cell's source is text and its skip a bool")
        return cls(value["source"], value["skip"])


@dataclass(frozen=True, slots=True)
class CellReport:
    """How one cell ended; `index` counts code cells from 0, `line` is the cell's own, from 1.

    A failed cell's error is its type's name and the first line of its message.
    `notes` say what was left out, such as a shell command.
    """

    index: int
    status: str
    error_type: str | None = None
    error_message: str | None = None
    line: int | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    def to_value(self) -> dict[str, Any]:
        """Return plain values, as they cross to the grader."""
        return {**asdict(self), "notes": list(self.notes)}

    @classmethod
    def from_value(cls, value: Any) -> Self:
        """Read what a worker sent, which may be anything; raises ValueError unless it fits."""
        if type(value) is not dict or set(value) != set(cls.__dataclass_fields__):
            raise ValueError("not a cell's report")
        notes = value["notes"]
        plain = (
            type(value["index"]) is int
            and type(value["status"]) is str
            and value["status"] in STATUSES
            and all(_is_text(value[name]) for name in ("error_type", "error_message"))
            and (value["line"] is None or type(value["line"]) is int)
            and type(value["seconds"]) is float
            and type(notes) is list
            and len(notes) <= MAX_NOTES
            and all(note is not None and _is_text(note) for note in notes)
        )
        if not plain:
            raise ValueError("a cell's report with a value that does not fit")
        return cls(**{**value, "notes": tuple(notes)})


def _is_text(value: Any) -> bool:
    return value is None or (type(value) is str and len(value) <= MAX_MESSAGE)
