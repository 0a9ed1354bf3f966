"""Words for a student whose call brought no value: their code raised, or broke a limit."""

from __future__ import annotations

import errno
import os

from autograder.errors import Fault, SandboxError, StudentError, WorkerFault
from autograder.proxies.discretion import Discretion
from autograder.proxies.responses import Failure
from autograder.result import Outcome

__all__ = [
    "fault_error",
    "fault_words",
    "raise_for_full_disk",
    "refusal_by_grader",
    "refusal_by_worker",
    "student_error",
]

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
    # What came in place of an answer is the student's to choose: the instructor reads of it.
    Fault.BAD_RESPONSE: "disturbed the connection to the grader.",
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


def student_error(name: str, error: Failure, discretion: Discretion) -> StudentError:
    """Return the error that tells a student what their function `name` raised.

    The traceback, the instructor's evidence, holds the whole text.
    """
    subject = discretion.subject(name)
    if error.not_attempted:
        message = f"{subject} is not written yet."
        return StudentError(Outcome.NOT_ATTEMPTED, message, error.traceback)
    outcome, message = _told(subject, error, discretion)
    message = discretion.again(name, error.type, error.line) or message
    discretion.remember(message, name, error.type, error.line)
    raised = error.bases if outcome is Outcome.CRASHED else ()
    return StudentError(outcome, message, error.traceback, raised=raised)


def _told(subject: str, error: Failure, discretion: Discretion) -> tuple[Outcome, str]:
    where = discretion.place(error.line)
    if error.memory:
        return Outcome.OUT_OF_MEMORY, f"{subject} asked for more memory than there is{where}."
    raised = discretion.raised(error)
    if error.blocked:
        return Outcome.BLOCKED, (
            f"{subject} tried to use the network or a file outside its own folder, which is closed "
            f"while grading{where}: {raised}"
        )
    return Outcome.CRASHED, f"{subject} raised {raised}{where}{discretion.cause(error)}"


def refusal_by_worker(name: str, words: str, discretion: Discretion) -> StudentError:
    """Return the error for a model of `name`'s that was not described: `words` may be forged."""
    message = discretion.again(name, "refused")
    if not message:
        message = f"The grader cannot read your model{discretion.because(words)}."
    discretion.remember(message, name, "refused")
    return StudentError(Outcome.REFUSED_MODEL, message, words)


def refusal_by_grader(words: str, plain: str, discretion: Discretion) -> StudentError:
    """Return the error for a model that was not rebuilt; `plain` holds nothing of a student's."""
    message = words
    if discretion.is_hidden:
        message = plain or f"The grader cannot read your model{discretion.because(words)}."
    return StudentError(Outcome.REFUSED_MODEL, message, words)
