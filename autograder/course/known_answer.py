"""Right and wrong answers: what is graded where an author wrote only what differs."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from autograder.course.exercise import Exercise
from autograder.errors import AnswerError
from autograder.notebooks import overlay
from autograder.notebooks.overlay import Change, Script

__all__ = ["advice_on_imports", "changes", "content"]


_UNDEFINED = re.compile(r"name '(\w+)' is not defined")  # Python's words of a NameError


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


def advice_on_imports(exercise: Exercise, answer: Path, ended: str) -> str:
    """Return what a complete answer needs that ended at a name which only the solution imports.

    `ended` is what was told of its end, such as the message of a NameError. The text is empty for
    any other end, and for an answer that is laid over the solution: it has the solution's imports.
    """
    name = _UNDEFINED.search(ended)
    if name is None or not _lies_over_solution(exercise, answer):
        return ""
    with suppress(AnswerError, OSError):  # a file that was changed meanwhile is told elsewhere
        solution = _script(exercise.solution)
        if overlay.compose(solution, _script(answer)) is None:
            for one in solution.statements(magics=True):
                if one.imports and name[1] in one.names:
                    return (
                        "An answer that defines every function is complete and needs its own "
                        f"imports; solution.py has: {one.text(solution.lines)}"
                    )
    return ""


def _lies_over_solution(exercise: Exercise, answer: Path) -> bool:
    return answer.suffix == ".py" and answer != exercise.solution


def _script(path: Path) -> Script:
    try:
        return Script(path, path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise AnswerError(f"{path}:{line}: is not UTF-8; save the file as UTF-8") from None
