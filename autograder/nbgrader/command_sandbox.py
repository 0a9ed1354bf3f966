"""The warm sandbox that all notebooks of one nbgrader command share."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.course.course import Course
from autograder.errors import SandboxError, WeakIsolation
from autograder.grading.scorer import Scorer
from autograder.grading.site import open_scorer, weak_isolation
from autograder.sandbox.probe import probe
from autograder.sandbox.spawn import Station
from autograder.sandbox.warm import warm_station


@dataclass(frozen=True, slots=True)
class ConfinedExecution:
    """A probed sandbox; `scorer` grades packaged exercises, None where the course has none."""

    station: Station
    scorer: Scorer | None


class CommandSandbox:
    """The sandbox of one nbgrader command: it starts with the first notebook that is run.

    `close` ends it, and every notebook that still runs in it.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._execution: ConfinedExecution | None = None
        self._is_closed = False

    def started(self, course: Course | None) -> ConfinedExecution:
        """Return the sandbox, with the packaged exercises of `course`; start it if need be.

        Raises WeakIsolation where student code could get out of it, SandboxError after `close`.
        """
        if self._is_closed:  # a thread that Ctrl-C has overtaken
            raise SandboxError("the sandbox of this command has ended")
        if self._execution is None:
            with ExitStack() as starting:
                execution = _started(starting, course)
                self._stack.push(starting.pop_all())
            self._execution = execution
        return self._execution

    def close(self) -> None:
        """End the sandbox; a sandbox that was never started needs no end."""
        self._is_closed = True
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _started(stack: ExitStack, course: Course | None) -> ConfinedExecution:
    if course is not None:
        scorer = stack.enter_context(open_scorer(course, advice=""))
        return ConfinedExecution(scorer.station, scorer)
    place = stack.enter_context(warm_station())
    isolation = probe(place, Path.cwd())  # nbgrader's course, with the hidden tests
    if not isolation.sufficient:
        raise WeakIsolation(weak_isolation(isolation))
    return ConfinedExecution(place, None)
