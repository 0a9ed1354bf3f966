"""Every exception of the package, drawn once.

    AutograderError
    ├── CourseError               a course or an exercise is not as it must be: its author reads it
    │   ├── SettingsError         (ValueError)
    │   ├── UnknownExercise       (LookupError)
    │   ├── UnknownThreshold      (LookupError)
    │   ├── UnknownRevision       (LookupError)
    │   ├── DataError
    │   ├── UnknownArray          (KeyError)
    │   ├── ReleaseError          (ValueError)
    │   ├── AnswerError           (ValueError)
    │   ├── UnlabelledWrongAnswer (ValueError)
    │   ├── DeclarationError      (ValueError)
    │   ├── FaultyExercise        (ValueError)
    │   ├── CannotBegin           (ValueError)
    │   ├── ReplayError           (RuntimeError)
    │   ├── AdjustmentError       (ValueError)
    │   ├── BrokenChecks          (RuntimeError)
    │   └── StartsThreads         (RuntimeError)
    ├── SubmissionError           a file that was handed in cannot be used: its text is the reason
    │   ├── UnreadableFile        (ValueError)
    │   ├── UnreadableNotebook    (ValueError)
    │   └── MissingPath           (FileNotFoundError)
    ├── StudentError              what a student's code did in place of answering: an outcome
    ├── ModelError                a model that cannot cross the boundary: the student reads it
    │   ├── RefusedModel          (ValueError)
    │   ├── UndescribableModel
    │   └── UnknownTensorFlowCall (TypeError)
    ├── ProtocolError             bytes from a worker that the package's own code never sends
    │   ├── BadFrame              (ValueError)
    │   ├── BadResponse           (ValueError)
    │   └── BadOutputs            (ValueError)
    ├── WorkerFault               a worker ended before it answered
    ├── FolderTooLarge            a worker's folder holds more than may be counted
    ├── SandboxError              (RuntimeError) the sandbox failed: never a student's fault
    ├── GradingError              grading cannot begin or go on: the instructor reads it
    │   ├── WeakIsolation         (RuntimeError)
    │   ├── SiteError             (RuntimeError)
    │   │   └── ClusterLost
    │   ├── MissingExtra          (ImportError)
    │   ├── JournalError          (RuntimeError)
    │   ├── ReportError           (OSError)
    │   └── UnknownSchema         (ValueError)
    ├── SelfCheckError            a check that a student runs alone: the notebook shows its text
    │   ├── CheckFailed           (AssertionError)
    │   ├── CheckNotRun           (RuntimeError)
    │   └── NoHeldOutRows         (RuntimeError)
    └── NbgraderError             an nbgrader course that cannot be worked with
        ├── OldSchema             (ValueError)
        ├── UnreadableConfigBlock (ValueError)
        ├── UnknownName           (ValueError)
        ├── OtherLanguage         (RuntimeError)
        └── TooManyFiles          (RuntimeError)

A name in brackets is the built-in exception that a class is as well. BatchInterrupted stands
outside the tree: like every KeyboardInterrupt it is no Exception.
"""

from __future__ import annotations

import enum
from typing import Self

from autograder.result import Outcome


class AutograderError(Exception):
    """The base of every exception that the package raises on purpose."""


class CourseError(AutograderError):
    """A course or an exercise is not as it must be; the text tells its author what to change."""


class SettingsError(CourseError, ValueError):
    """A file of settings or figures cannot be read; the text names the file, the key and the fault.

    Such files are exercise.toml, dataset.toml and calibration.json.
    """


class UnknownExercise(CourseError, LookupError):
    """The course has no exercise of that name, or no exercises at all."""


class UnknownThreshold(CourseError, LookupError):
    """A check asks for a threshold that exercise.toml does not declare."""


class UnknownRevision(CourseError, LookupError):
    """Git knows no such revision of the course, or the course lies in no git repository."""


class DataError(CourseError):
    """A data set is missing or does not look as its dataset.toml describes it."""


class UnknownArray(CourseError, KeyError):
    """A check asks for an array that a data set does not have; the text lists those it has."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would put it in quotes


class ReleaseError(CourseError, ValueError):
    """An authored exercise cannot be released; the text names file and line."""


class AnswerError(CourseError, ValueError):
    """A right or wrong answer cannot be laid over the solution; the text names file and line."""


class UnlabelledWrongAnswer(CourseError, ValueError):
    """The first line of a wrong answer names no check."""


class DeclarationError(CourseError, ValueError):
    """What a conftest.py declares of its exercise does not fit; the text names the field."""


class FaultyExercise(CourseError, ValueError):
    """The files of an exercise have faults; each line of the text names file, line and way out."""


class CannotBegin(CourseError, ValueError):
    """A new exercise cannot be written; the text says why, and nothing was written."""


class ReplayError(CourseError, RuntimeError):
    """The recorded runs of a calibration cannot be graded again; the text says why."""


class AdjustmentError(CourseError, ValueError):
    """A row of adjustments.csv does not fit the course or the class; the text names the line."""


class BrokenChecks(CourseError, RuntimeError):
    """The checks of an exercise, or the sandbox under them, cannot be used."""


class StartsThreads(CourseError, RuntimeError):
    """Shared fixtures leave threads running in a process that is about to fork."""


class SubmissionError(AutograderError):
    """Something that was handed in cannot be used; the text says why and what to do."""


class UnreadableFile(SubmissionError, ValueError):
    """A file or an archive cannot be used."""


class UnreadableNotebook(SubmissionError, ValueError):
    """A notebook or a script cannot be read into cells."""


class MissingPath(SubmissionError, FileNotFoundError):
    """A path on the command line does not exist."""


class StudentError(AutograderError):
    """What a student's code did in place of answering: an outcome, no error of the grader.

    `message` is for the student, `evidence` for the instructor alone. `raised` are the names
    of the class of the exception that the student's code raised and of its bases; empty without an
    exception.
    """

    def __init__(
        self, outcome: Outcome, message: str, evidence: str = "", raised: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.evidence = evidence
        self.raised = raised

    def with_message(self, message: str) -> Self:
        """Return this outcome with another message for the student, such as one with a hint."""
        return type(self)(self.outcome, message, self.evidence, self.raised)


class ModelError(AutograderError):
    """A model cannot cross from the student to the grader; the text is for the student."""


class RefusedModel(ModelError, ValueError):
    """A model may not be rebuilt; the text says which part and why."""


class UndescribableModel(ModelError):
    """A live model cannot be written down as plain data."""


class UnknownTensorFlowCall(ModelError, TypeError):
    """A model calls a TensorFlow function that has no twin in keras.ops; the text is its name.

    TensorFlow tries its dispatchers again on a TypeError, for the function around it.
    """


class ProtocolError(AutograderError):
    """A worker sent bytes that the package's own code never sends."""


class BadFrame(ProtocolError, ValueError):
    """Bytes are no frame, or a value may not cross."""


class BadResponse(ProtocolError, ValueError):
    """A response has other fields or types than the request asks for."""


class BadOutputs(ProtocolError, ValueError):
    """Bytes hold no outputs of a notebook."""


class Fault(enum.StrEnum):
    """How a worker ended before it answered."""

    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_MUCH_OUTPUT = "too_much_output"
    TOO_MUCH_DISK = "too_much_disk"
    TOO_MANY_THREADS = "too_many_threads"
    EXITED = "exited"
    BAD_RESPONSE = "bad_response"


class WorkerFault(AutograderError):
    """A worker was ended or ended itself before it answered."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault = fault
        self.detail = detail


class FolderTooLarge(AutograderError):
    """A worker's folder has more files or deeper folders than may be counted."""


class SandboxError(AutograderError, RuntimeError):
    """The sandbox itself failed: the grader's fault, never a student's."""


class GradingError(AutograderError):
    """Grading cannot begin or go on; the text tells the instructor why and what helps."""


class WeakIsolation(GradingError, RuntimeError):
    """This machine cannot keep student code away from what it must not touch."""


class SiteError(GradingError, RuntimeError):
    """The place where a batch should be graded is missing, or differs from this machine."""


class ClusterLost(SiteError):
    """A cluster was lost while it graded; what was finished is written.

    `ungraded` is the number of submissions that have no result yet.
    """

    def __init__(self, ungraded: int) -> None:
        super().__init__(f"The cluster was lost: {ungraded} left ungraded; the rest is written.")
        self.ungraded = ungraded


class BatchInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a batch; what was finished is written.

    `ungraded` is the number of submissions that have no result yet.
    """

    def __init__(self, ungraded: int) -> None:
        super().__init__(f"Interrupted: {ungraded} left ungraded; the rest is written.")
        self.ungraded = ungraded


class MissingExtra(GradingError, ImportError):
    """A library is not installed that only this way of grading needs; the text names its extra."""


class JournalError(GradingError, RuntimeError):
    """The journal cannot be used or written; nothing that it holds is lost."""


class ReportError(GradingError, OSError):
    """The reports cannot be written; every result is in the journal."""


class UnknownSchema(GradingError, ValueError):
    """This version cannot read a results file."""


class SelfCheckError(AutograderError):
    """A check that a student runs alone failed or could not run; the text is for the student.

    A notebook shows it in one paragraph, without the frames of libraries.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class CheckFailed(SelfCheckError, AssertionError):
    """A check earned nothing; the text is its hint."""


class CheckNotRun(SelfCheckError, RuntimeError):
    """A check could not be run where silence would have been taken for success."""


class NoHeldOutRows(SelfCheckError, RuntimeError):
    """A visible check asked for rows that only a grader has."""


class NbgraderError(AutograderError):
    """An nbgrader course cannot be worked with; the text says why."""


class OldSchema(NbgraderError, ValueError):
    """A notebook is older than this nbgrader, which says itself what to do."""


class UnreadableConfigBlock(NbgraderError, ValueError):
    """A configuration holds a block that `autograder package` did not write."""


class UnknownName(NbgraderError, ValueError):
    """The gradebook has no assignment or student of that name."""


class OtherLanguage(NbgraderError, RuntimeError):
    """A notebook is not Python's, and the sandbox has no kernel for it."""


class TooManyFiles(NbgraderError, RuntimeError):
    """A submission's folder holds more than is handed to a worker."""
