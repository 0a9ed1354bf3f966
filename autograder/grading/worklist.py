"""What a batch is about: everything handed in, what is finished of it, and what is left to do."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.course import datasets
from autograder.grading.cache_key import Keys
from autograder.grading.journal import Journal
from autograder.grading.task import Task
from autograder.result import Result, Status
from autograder.submissions.submission import Collected, Rejected, Submission


@dataclass(frozen=True, slots=True)
class Work:
    """One grading to be done: all `submissions` are the same bytes for one exercise."""

    key: str
    submissions: tuple[Submission, ...]

    def task(self) -> Task:
        """Read the submission; raises Unreadable and OSError."""
        one = self.submissions[0]
        return replace(self.unread(), content=one.read(), model=one.read_model())

    def unread(self) -> Task:
        """Return the task without content; it is nobody's, since it may be many students'."""
        one = self.submissions[0]
        return Task(
            exercise=one.exercise, content=b"", suffix=one.suffix, model=b"", sha256=one.sha256
        )


@dataclass(slots=True)
class Worklist:
    """The results of a batch; all but the withheld are in the journal.

    Iterating yields what there is by now, by student, exercise and source. Each is read from disk
    when its turn comes, so that a large class need not fit in memory.
    """

    found: Collected
    keys: Keys
    journal: Journal
    work: tuple[Work, ...] = ()
    kept: int = 0
    finished: set[str] = field(default_factory=set)
    withheld: dict[str, Result] = field(default_factory=dict)
    _identical: dict[str, list[Submission]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for one in self.found.submissions:
            self._identical[self._key(one)].append(one)
        self.finished = {key for key in self._identical if self.journal.has(key)}
        self.kept = sum(len(self._identical[key]) for key in self.finished)
        left = [
            Work(key, tuple(same))
            for key, same in self._identical.items()
            if key not in self.finished
        ]
        self.work = self._longest_first(left)

    @property
    def left(self) -> int:
        """How many submissions have no result yet."""
        done = self.finished | self.withheld.keys()
        return sum(len(same) for key, same in self._identical.items() if key not in done)

    def finish(self, work: Work, result: Result) -> Iterator[Result]:
        """Keep a result and, when it is safe on disk, return it for each submission it is for.

        What our own fault left without a grade is withheld: the next run tries again.
        """
        if result.status is Status.GRADER_ERROR:
            self.withheld[work.key] = result
        else:
            self.journal.finish(work.key, result)
            self.finished.add(work.key)
        return (self._stamped(result, one) for one in work.submissions)

    def __iter__(self) -> Iterator[Result]:
        everything: Iterator[Submission | Rejected] = heapq.merge(
            *(self.found.submissions, self.found.rejected), key=_place
        )
        for one in everything:
            if isinstance(one, Rejected):
                yield self._refused(one)
                continue
            key = self._key(one)
            result = self.withheld.get(key) or self.journal.result(key)
            if result is not None:
                yield self._stamped(result, one)

    def _key(self, one: Submission) -> str:
        return self.keys.key(one.exercise, one.suffix, one.digest)

    def _stamped(self, result: Result, one: Submission) -> Result:
        """Return a result as that of one student; `cached` where another's was taken for it."""
        return replace(
            result,
            student=one.student,
            source=one.source,
            notes=(*one.notes, *result.notes),
            cached=one is not self._identical[self._key(one)][0],
        )

    def _refused(self, one: Rejected) -> Result:
        return Result(
            student=one.student,
            exercise=one.exercise,
            source=one.source,
            sha256="",
            key=datasets.key_fingerprint(self.keys.course.key),
            status=Status.REJECTED,
            message=one.reason,
        )

    def _longest_first(self, left: list[Work]) -> tuple[Work, ...]:
        """Start with what took longest before, or may: the last to end then ends early."""
        usual = self.journal.usual_seconds()

        def expected(work: Work) -> float:
            one = work.submissions[0]
            known = self.journal.seconds(one.exercise, one.sha256)
            return known if known is not None else usual.get(one.exercise, 0.0)

        return tuple(sorted(left, key=expected, reverse=True))


def _place(one: Any) -> tuple[str, str, str]:
    return (one.student, one.exercise, one.source)
