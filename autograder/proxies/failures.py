"""Words for a student whose call brought no value: their code raised, or broke a limit."""

from __future__ import annotations

import errno
import os

from autograder.errors import Fault, SandboxError, StudentError, WorkerFault
from autograder.proxies.responses import Failure
from autograder.result import Outcome

__all__ = ["fault_error", "fault_words", "raise_for_full_disk", "student_error"]

_OUTCOMES = {
    Fault.TIMED_OUT: Outcome.TIMED_OUT,
    Fault.OUT_OF_MEMORY: Outcome.OUT_OF_MEMORY,
    Fault.TOO_MUCH_OUTPUT: Outcome.LIMIT,
    Fault.TOO_MUCH_DISK: Outcome.LIMIT,
    Fault.TOO_MANY_THREADS: Outcome.LIMIT,
    Fault.EXITED: Outcome.CRASHED,
    Fault.BAD_RESPONSE: Outcome.CRASHED,
}
_WORDS = {
    Fault.TIMED_OUT: "took too long and was stopped: {detail}. Does a loop never end, are there "
    "far too many epochs, or would a loop of your own be faster with @tf.function on its step?",
    Fault.OUT_OF_MEMORY: "used too much memory and was stopped: {detail}.",
    Fault.TOO_MUCH_OUTPUT: "printed too much and was stopped: {detail}.",
    Fault.TOO_MUCH_DISK: "wrote too many files and was stopped: {detail}.",
    Fault.TOO_MANY_THREADS: "started too many threads and was stopped: {detail}.",
    Fault.EXITED: "ended the whole Python process before it had answered: {detail}.",
    Fault.BAD_RESPONSE: "disturbed the connection to the grader: {detail}.",
}


def fault_words(fault: WorkerFault) -> str:
    """Return the sentence about a fault that follows the name of what was running."""
    return _WORDS[fault.fault].format(detail=fault.detail)


def fault_error(what: str, fault: WorkerFault, *, advice: bool = True) -> StudentError:
    """Return the error that tells a student that `what` was ended from outside."""
    words = fault_words(fault)
    if not advice:
        words = words.partition(". ")[0].removesuffix(".") + "."
    return StudentError(_OUTCOMES[fault.fault], f"{what} {words}", str(fault))


def raise_for_full_disk(message: str) -> None:
    """Raise SandboxError where a worker within its limit could not write: the disk is ours."""
    if os.strerror(errno.ENOSPC) in message:
        raise SandboxError(f"the disk of the workers is full: {message}")


def student_error(name: str, error: Failure) -> StudentError:
    """Return the error that tells a student what their function `name` raised."""
    if error.not_attempted:
        return StudentError(Outcome.NOT_ATTEMPTED, f"`{name}` is not written yet.", error.traceback)
    first = error.message.strip().splitlines()[:1]
    what = f"{error.type}: {first[0][:200]}" if first else error.type
    where = f" ({error.line})" if error.line else ""
    if error.memory:
        message = f"`{name}` asked for more memory than there is{where}."
        return StudentError(Outcome.OUT_OF_MEMORY, message, error.traceback)
    if error.blocked:
        message = (
            f"`{name}` tried to use the network or a file outside its own folder, which is closed "
            f"while grading{where}: {what}"
        )
        return StudentError(Outcome.BLOCKED, message, error.traceback)
    message = f"`{name}` raised {what}{where}"
    return StudentError(Outcome.CRASHED, message, error.traceback, raised=error.bases)
