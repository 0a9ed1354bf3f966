"""Right and wrong answers: what is graded where an author wrote only what differs."""

from __future__ import annotations

from pathlib import Path

from autograder.course.exercise import Exercise
from autograder.errors import AnswerError
from autograder.notebooks import overlay
from autograder.notebooks.overlay import Change, Script

__all__ = ["changes", "content"]


def content(exercise: Exercise, answer: Path) -> bytes:
    """Return the bytes that are graded for a known answer of an exercise.

    A file under right/ or wrong/ holds only what differs from the solution and is laid over it; a
    complete file is taken byte for byte, and so are the solution and the released notebook. Raises
    AnswerError, which names the file and the line, and OSError.
    """
    data = answer.read_bytes()
    if not _lies_over_solution(exercise, answer):
        return data
    text = overlay.compose(_script(exercise.solution), _script(answer))
    return data if text is None else text.encode("utf-8")


def changes(exercise: Exercise, answer: Path) -> tuple[Change, ...]:
    """Return what a known answer has in place of the solution's code; raises as `content` does.

    The solution and the released notebook have no changes.
    """
    if not _lies_over_solution(exercise, answer):
        return ()
    return overlay.changes(_script(exercise.solution), _script(answer))


def _lies_over_solution(exercise: Exercise, answer: Path) -> bool:
    return answer.suffix == ".py" and answer != exercise.solution


def _script(path: Path) -> Script:
    try:
        return Script(path, path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise AnswerError(f"{path}:{line}: is not UTF-8; save the file as UTF-8") from None
