"""Grades a batch on a Dask cluster.

Each Dask worker gets the contents of the course (checks, data, key) and starts a sandbox of its own
when its first submission comes. Submissions travel by content too, so no file system is shared.
When a Dask worker is lost, Dask hands its submissions to another Dask worker.
"""

from __future__ import annotations

import io
import logging
import math
import tarfile
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from distributed import Client, WorkerPlugin, get_worker

from autograder.course.course import Course
from autograder.errors import SiteError
from autograder.grading.cache_key import NOT_GRADING, Keys
from autograder.grading.scorer import Scorer
from autograder.grading.site import Site, open_scorer
from autograder.grading.task import Task
from autograder.result import Result

_SHIPPED = ("solutions", "datasets")
_CONNECT_SECONDS = 10.0
_COUNT_SECONDS = 2.0
# They log traces of a lost connection; the instructor reads a sentence about it instead.
_LOGGERS = ("distributed", "distributed.client")
_Piece = TypeVar("_Piece")
_Outcome = TypeVar("_Outcome")


@dataclass(frozen=True, slots=True)
class Shipment:
    """A course as it travels to the workers.

    `files` is a tar archive of solutions/ and datasets/, `course` has the settings under which the
    batch is graded. `environment` is a digest of the installed software, at which each worker must
    arrive as well.
    """

    files: bytes = field(repr=False)
    course: Course
    accepts_weak: bool
    environment: str

    @classmethod
    def of(cls, course: Course, *, accepts_weak: bool) -> Shipment:
        """Pack the files of a course that grading reads; raises OSError."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name in _SHIPPED:
                archive.add(course.root / name, name, filter=_without_proofs)
        environment = Keys(course, accepts_weak).environment()
        return cls(packed.getvalue(), course, accepts_weak, environment)

    def unpack(self, folder: Path) -> Course:
        """Write the course to a folder; raises SiteError where this worker's software differs."""
        with tarfile.open(fileobj=io.BytesIO(self.files)) as archive:
            archive.extractall(folder, filter="data")
        course = replace(self.course, root=folder)
        if Keys(course, self.accepts_weak).environment() != self.environment:
            raise SiteError(
                "a worker has other versions installed than the machine that started the batch; "
                "its results would not be comparable"
            )
        return course


def _without_proofs(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if NOT_GRADING & set(Path(member.name).parts) else member


class Bench(WorkerPlugin):
    """A Dask worker's sandbox: started with its first submission, ended with the batch."""

    def __init__(self, name: str, shipment: Shipment) -> None:
        self.name, self.shipment = name, shipment

    def setup(self, worker: Any) -> None:
        """Start nothing yet: the worker must go on answering its scheduler."""
        del worker
        self.lock, self.stack = threading.Lock(), ExitStack()
        self.started: Scorer | None = None

    def teardown(self, worker: Any) -> None:
        """End the sandbox."""
        del worker
        self.stack.close()

    def scorer(self) -> Scorer:
        """Return this worker's scorer; the first caller starts it, and the others wait."""
        with self.lock:
            if self.started is None:
                folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="course-"))
                course = self.shipment.unpack(Path(folder))
                accepted = self.shipment.accepts_weak
                self.started = self.stack.enter_context(
                    open_scorer(course, accept_weak_isolation=accepted)
                )
            return self.started


def _bench(name: str) -> Bench:
    bench = get_worker().plugins[name]
    assert isinstance(bench, Bench)
    return bench


def _score(name: str, task: Task) -> Result:
    return _bench(name).scorer().score(task)


def _apply(name: str, work: Callable[[Scorer, _Piece], _Outcome], piece: _Piece, /) -> _Outcome:
    return work(_bench(name).scorer(), piece)


def _isolation(name: str) -> dict[str, Any]:
    isolation = _bench(name).scorer().isolation
    assert isolation is not None
    return isolation.to_json()


@dataclass(slots=True)
class _Room:
    """Counts how many submissions a cluster takes at once, while its workers come and go."""

    client: Client
    threads: int = 0
    counted: float = -math.inf

    def __call__(self) -> int:
        """Return two submissions for each thread of the cluster, and two where it has no thread.

        One of the two is graded, and the other waits for its turn.
        """
        if time.monotonic() - self.counted >= _COUNT_SECONDS:
            # A lost scheduler has cancelled every future, which is how the batch learns of it.
            with suppress(OSError):
                self.threads = sum(self.client.nthreads().values())
            self.counted = time.monotonic()
        return 2 * max(1, self.threads)


@contextmanager
def cluster_site(
    address: str, course: Course, tell: Callable[[str], None], *, accept_weak_isolation: bool
) -> Iterator[Site]:
    """Yield the cluster whose scheduler is at `address` as a site.

    `tell` is called with a sentence where the cluster has no worker yet and is waited for. Gradings
    that are under way end with the block. Raises WeakIsolation, and SiteError when no scheduler
    answers or the first worker's software differs.
    """
    name = f"keras-autograder-{uuid.uuid4().hex}"
    for chatty in _LOGGERS:
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SiteError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        client.register_plugin(Bench(name, Shipment.of(course, accepts_weak=accept_weak_isolation)))
        executor = client.get_executor(pure=False)
        try:
            if not client.nthreads():
                tell(f"The scheduler at {address} has no worker yet: waiting for the first.")
            isolation = executor.submit(_isolation, name).result()
            score, apply = partial(_score, name), partial(_apply, name)
            yield Site(executor, score, _Room(client), isolation, is_here=False, apply=apply)
        finally:
            with suppress(OSError):  # a lost scheduler grades nothing that could be ended
                executor.shutdown(wait=False)
                client.unregister_worker_plugin(name)
