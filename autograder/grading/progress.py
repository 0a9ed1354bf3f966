"""Tells a caller how a batch goes on: the methods that a program may override."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from autograder.result import Result

__all__ = ["Progress"]


class Progress:
    """Hears how `grade` goes on; each method here does nothing.

    A program overrides the methods it wants to hear of:

        import autograder
        from autograder.grading.progress import Progress

        class Printer(Progress):
            def finished(self, result):
                print(result.student, result.score)

        autograder.grade("submissions", "graded", progress=Printer())

    Every method is called in the thread that called `grade`, except `doing`.
    """

    def note(self, line: str) -> None:
        """Take a sentence for the instructor, such as how many results are kept."""

    def starting(self) -> AbstractContextManager[None]:
        """Return a context that lasts while the sandbox starts."""
        return nullcontext()

    def grading(self, count: int) -> AbstractContextManager[None]:
        """Return a context that lasts while `count` submissions are graded."""
        del count
        return nullcontext()

    def doing(self, submission: str) -> AbstractContextManager[None]:
        """Return a context that lasts while a worker grades "STUDENT EXERCISE"; in its thread.

        On a cluster this is not called.
        """
        del submission
        return nullcontext()

    def finished(self, result: Result) -> None:
        """Take a result that is on disk; identical submissions have a result each."""

    def written(self, results: Iterable[Result]) -> None:
        """Take all results by student, exercise and source, once the reports are written.

        They are read from the journal one at a time, also each time they are iterated anew.
        """
