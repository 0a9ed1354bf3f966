"""The bytes of one submission together with what grading needs to know about them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from autograder.course import known_answer
from autograder.course.exercise import Exercise, settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One submission to be graded.

    `content` are the bytes of a notebook or a script, `suffix` is ".ipynb" or ".py", and `sha256`
    is the content's digest in hexadecimal digits. `model` are the bytes of the trained model that
    was handed in with it, b"" without a model; the grader itself never opens them. `helpers` are
    the student's modules that it imports, by their path beside it. `record` keeps what each code
    cell shows. `tries` is how often it is graded at most before a fault of the grader stands.
    """

    exercise: str
    content: bytes
    suffix: str
    model: bytes
    student: str = ""
    source: str = ""
    sha256: str = ""
    helpers: Mapping[str, bytes] = field(default_factory=dict, hash=False)
    record: bool = False
    tries: int = 2

    @classmethod
    def for_answer(
        cls, exercise: Exercise, answer: Path, *, student: str = "", content: bytes | None = None
    ) -> Self:
        """Return an answer that the exercise's author wrote as a task.

        An answer that holds only what differs from the solution is laid over it first. `content` is
        given for an answer that is not on disk. Raises AnswerError, which names the file and the
        line, and OSError.
        """
        if content is None:
            content = known_answer.content(exercise, answer)
        model = _trained_model(exercise, answer)
        return cls(
            exercise=exercise.name,
            content=content,
            suffix=answer.suffix,
            model=model.read_bytes() if model else b"",
            student=student,
            source=answer.name,
            sha256=hashlib.sha256(content).hexdigest(),
        )


def _trained_model(exercise: Exercise, answer: Path) -> Path | None:
    """Return the trained model that is handed in with an authored answer, None without a model.

    It is the file beside the answer that has the answer's name and ends in .keras; an answer
    without such a file is handed in with the model of the reference solution. The released
    notebook, in which nothing is done yet, is handed in without a model.
    """
    name = settings_of(exercise).model
    if not name or answer == exercise.notebook:
        return None
    candidates = (answer.with_suffix(".keras"), exercise.authored / name)
    return next((path for path in candidates if path.is_file()), None)
