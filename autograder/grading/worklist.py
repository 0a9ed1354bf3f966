"""The work of a batch: which submissions have a result, and which are still to be graded."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from autograder.course import datasets
from autograder.grading.cache_key import Keys
from autograder.grading.journal import Journal
from autograder.grading.reviews import Reviews
from autograder.grading.task import Task
from autograder.result import Result, Status
from autograder.submissions.submission import Collected, Rejected, Submission


@dataclass(frozen=True, slots=True)
class Work:
    """One grading to be done: all `submissions` are the same bytes for the same exercise."""

    key: str
    submissions: tuple[Submission, ...]

    def task(self) -> Task:
        """Read the submission; raises UnreadableFile and OSError."""
        submission = self.submissions[0]
        return replace(
            self.unread(),
            content=submission.read(),
            model=submission.read_model(),
            helpers=submission.read_helpers(),
        )

    def unread(self) -> Task:
        """Return the task without content and without a student, since several may share it."""
        submission = self.submissions[0]
        return Task(
            exercise=submission.exercise,
            content=b"",
            suffix=submission.suffix,
            model=b"",
            sha256=submission.sha256,
        )


@dataclass(slots=True)
class Worklist:
    """The submissions of a batch with the results that they have by now.

    `work` are the gradings to be done, the longest first. `kept` counts the submissions that had a
    result in the journal from the start, `finished` are the keys of results in the journal, and
    `withheld` are the results of the grader's own faults, which no journal keeps. `reviews` add to
    each result what people contribute; the journal does not hold it, so it is read on every run.

    Iterating yields the results by student, exercise and source. Each result is read from the
    journal when its turn comes, so that a large class need not fit in memory.
    """

    collected: Collected
    keys: Keys
    journal: Journal
    work: tuple[Work, ...] = ()
    kept: int = 0
    finished: set[str] = field(default_factory=set)
    withheld: dict[str, Result] = field(default_factory=dict)
    reviews: Reviews = field(default_factory=Reviews)
    _identical: dict[str, list[Submission]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for submission in self.collected.submissions:
            self._identical[self._key(submission)].append(submission)
        self.finished = {key for key in self._identical if self.journal.has(key)}
        self.kept = sum(len(self._identical[key]) for key in self.finished)
        self.work = self._longest_first(
            Work(key, tuple(submissions))
            for key, submissions in self._identical.items()
            if key not in self.finished
        )

    @property
    def ungraded(self) -> int:
        """How many submissions have no result yet."""
        done = self.finished | self.withheld.keys()
        return sum(
            len(submissions) for key, submissions in self._identical.items() if key not in done
        )

    def finish(self, work: Work, result: Result) -> Iterator[Result]:
        """Store a result on disk, then return it for each of its submissions.

        A grader error is withheld instead: the next batch grades the submission again. Raises
        JournalError.
        """
        if result.status is Status.GRADER_ERROR:
            self.withheld[work.key] = result
        else:
            self.journal.finish(work.key, result)
            self.finished.add(work.key)
            self.withheld.pop(work.key, None)
        return (self._stamped(result, submission) for submission in work.submissions)

    def __iter__(self) -> Iterator[Result]:
        everything: Iterator[Submission | Rejected] = heapq.merge(
            *(self.collected.submissions, self.collected.rejected), key=_order
        )
        for submission in everything:
            if isinstance(submission, Rejected):
                yield self._rejected(submission)
                continue
            key = self._key(submission)
            result = self.withheld.get(key) or self.journal.result(key)
            if result is not None:
                yield self._stamped(result, submission)

    def _key(self, submission: Submission) -> str:
        return self.keys.key(submission.exercise, submission.suffix, submission.digest)

    def _stamped(self, result: Result, submission: Submission) -> Result:
        """Return a result as that of one student.

        It is `cached` where the submission is not the first of its identical submissions.
        """
        stamped = replace(
            result,
            student=submission.student,
            source=submission.source,
            notes=(*submission.notes, *result.notes),
            cached=submission is not self._identical[self._key(submission)][0],
        )
        return self.reviews.complete(stamped, submission)

    def _rejected(self, rejected: Rejected) -> Result:
        return Result(
            student=rejected.student,
            exercise=rejected.exercise,
            source=rejected.source,
            sha256="",
            key=datasets.key_fingerprint(self.keys.course.key),
            status=Status.REJECTED,
            message=rejected.reason,
        )

    def _longest_first(self, work: Iterable[Work]) -> tuple[Work, ...]:
        """Sort work by how long it took before, or may take: the last to end then ends early."""
        usual = self.journal.usual_seconds()

        def expected(piece: Work) -> float:
            submission = piece.submissions[0]
            measured = self.journal.seconds(submission.exercise, submission.sha256)
            return usual.get(submission.exercise, 0.0) if measured is None else measured

        return tuple(sorted(work, key=expected, reverse=True))


def _order(submission: Submission | Rejected) -> tuple[str, str, str]:
    return (submission.student, submission.exercise, submission.source)
