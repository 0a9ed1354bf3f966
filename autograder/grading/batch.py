"""Grades many submissions at once and hands out each result as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

_Work = TypeVar("_Work")
_Outcome = TypeVar("_Outcome")
_POLL = 0.2  # seconds


@dataclass(slots=True)
class Batch(Generic[_Work, _Outcome]):
    """One run over `work`; iterating it yields (piece of work, outcome) in the order of completion.

    `submit` hands a piece of work to an executor, on this machine or on a cluster, and returns the
    future of its outcome. At most `at_once()` pieces are handed over at a time, because each then
    holds a submission's content in memory. Raises what a future raises; the futures that are still
    waiting are cancelled then.
    """

    work: Iterable[_Work]
    submit: Callable[[_Work], Future[_Outcome]]
    at_once: Callable[[], int]

    def __iter__(self) -> Generator[tuple[_Work, _Outcome], None, None]:
        waiting = iter(self.work)
        pending: dict[Future[_Outcome], _Work] = {}
        try:
            while True:
                for piece in islice(waiting, max(0, self.at_once() - len(pending))):
                    pending[self.submit(piece)] = piece
                if not pending:
                    return
                # A bounded wait: an unbounded one would keep Ctrl-C from the main thread.
                done, _ = wait(pending, _POLL, FIRST_COMPLETED)
                for future in done:
                    yield pending.pop(future), future.result()
        finally:
            for future in pending:
                future.cancel()


@contextmanager
def local_executor(workers: int) -> Iterator[Executor]:
    """Yield an executor of threads that only wait: each grading has processes of its own."""
    executor = ThreadPoolExecutor(workers, thread_name_prefix="grading")
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def run(
    work: Sequence[_Work], score: Callable[[_Work], _Outcome], workers: int
) -> Iterator[tuple[_Work, _Outcome]]:
    """Yield (piece of work, score(piece of work)) in the order of completion.

    `workers` threads of this process call `score`. Raises what `score` raises.
    """
    with local_executor(workers) as executor:
        yield from Batch(work, lambda piece: executor.submit(score, piece), lambda: 2 * workers)
