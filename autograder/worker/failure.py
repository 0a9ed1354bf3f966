"""Tells what an exception of student code was: its texts, its line, and what kind of failure."""

from __future__ import annotations

import builtins
import errno
import os
import re
import traceback
from collections.abc import Sequence

from autograder.model.keras_messages import cause
from autograder.notebooks.left_stubs import MARKER
from autograder.wire import Value
from autograder.worker.shell import Shell

__all__ = ["failure"]

# The stub's own marker: Keras raises NotImplementedError too, for a layer without `call`.
_NOT_ATTEMPTED = (MARKER,)
_TEXT = 2000
_BASES = 16  # classes of an exception that are named
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_CLOSED_WORDS = tuple(os.strerror(number) for number in _CLOSED)
# What TensorFlow writes around the words of the system: {{node ...}} before, [Op:...] behind.
_AROUND = re.compile(r"\{\{.*?\}\}|\[(?:\[|Op:).*")


def failure(error: BaseException) -> dict[str, Value]:
    """Return an exception as plain values, as it crosses to the grader."""
    chain = _causes(error)
    walls = [wall for wall in map(_wall, chain) if wall]
    return {
        "type": type(error).__name__[:200],
        "bases": [base.__name__[:200] for base in type(error).__mro__[:_BASES]],
        "message": (walls[0] if walls else cause(_safe_text(error)))[:_TEXT],
        "not_attempted": type(error) is NotImplementedError and error.args == _NOT_ATTEMPTED,
        "blocked": bool(walls),
        "memory": any(_is_memory(cause) for cause in chain),
        "line": _line(error),
        "traceback": "".join(traceback.format_exception(error, limit=-12))[-4000:],
    }


def _causes(error: BaseException) -> Sequence[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain and len(chain) < 16:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def _wall(error: BaseException) -> str:
    """Return what an exception says of a wall of the sandbox that it met, '' of any other.

    TensorFlow and HDF5 open files past Python: only their text, of several lines, names the wall.
    """
    text = _safe_text(error)
    if isinstance(error, PermissionError) or "URL fetch failure" in text:
        return text or type(error).__name__
    module = str(type(error).__module__)
    if not isinstance(error, OSError) and module.partition(".")[0] not in ("tensorflow", "h5py"):
        return ""
    for line in text.splitlines():
        if any(word in line for word in _CLOSED_WORDS):
            return _AROUND.sub("", line).strip()
    return text if isinstance(error, OSError) and error.errno in _CLOSED else ""


def _is_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _safe_text(error: BaseException) -> str:
    try:
        return builtins.str(error)
    except Exception:  # an exception class of the student's may fail to print itself
        return ""


def _line(error: BaseException) -> str:
    """Return the innermost line of the student's own code on the way to the exception."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Shell.owns(frame.filename)]
    return f"line {own[-1].lineno} in {own[-1].name}: {own[-1].line or ''}"[:300] if own else ""
