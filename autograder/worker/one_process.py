"""Has libraries that share work out among processes do it in this process: a worker has no other.

What a student wrote for processes then runs to its end, in the order in which the work was given,
so that a submission graded twice earns the same. `os.fork` and `subprocess` stay closed.
"""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.process
import multiprocessing
import multiprocessing.dummy
import multiprocessing.sharedctypes
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from types import ModuleType
from typing import Any, Self

__all__ = ["take_over"]


class _Process(multiprocessing.dummy.DummyProcess):
    """A process that is a thread, as the standard library's own stand-in has it."""

    def __init__(
        self,
        group: None = None,
        target: Callable[..., Any] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        daemon: bool | None = None,
    ) -> None:
        super().__init__(group, target, name, args, kwargs or {})
        self.pid = os.getpid()
        self._raised = False
        self.daemon = bool(daemon)

    def run(self) -> None:
        """Run the target, and remember for `exitcode` whether it raised anything."""
        try:
            super().run()
        except BaseException:
            self._raised = True
            raise

    @property
    def exitcode(self) -> int | None:  # type: ignore[override]  # the stand-in knows no failure
        """0 after an end, 1 after an exception, None while it runs."""
        code: int | None = super().exitcode
        return 1 if code is not None and self._raised else code

    def terminate(self) -> None:
        """A thread cannot be ended from outside; it ends with the worker."""

    kill = close = terminate


class _Pool(ThreadPool):
    """A pool of one thread, which takes the tasks in their order."""

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., Any] | None = None,
        initargs: Iterable[Any] = (),
        maxtasksperchild: int | None = None,
        context: Any = None,
    ) -> None:
        del processes, maxtasksperchild, context
        super().__init__(1, initializer, initargs)


class _Executor(ThreadPoolExecutor):
    """An executor of one thread, which takes the tasks in their order."""

    def __init__(
        self,
        max_workers: int | None = None,
        mp_context: Any = None,
        initializer: Callable[..., Any] | None = None,
        initargs: tuple[Any, ...] = (),
        **_options: Any,
    ) -> None:
        del max_workers, mp_context
        super().__init__(1, initializer=initializer, initargs=initargs)


class _Queue(queue.Queue[Any]):
    """A queue with the methods that only queues between processes have."""

    def close(self) -> None:
        """Nothing is to be closed."""

    join_thread = cancel_join_thread = close


class _Manager:
    """What `multiprocessing.Manager()` gives: plain objects, for all threads share them."""

    dict, list, Namespace = dict, list, multiprocessing.dummy.Namespace
    Queue = JoinableQueue = _Queue

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(multiprocessing, name)  # Lock, Event, Value and the others

    def shutdown(self) -> None:
        """Nothing is to be shut down."""

    start = shutdown


def _lock(asked: Any) -> Any:
    return threading.RLock() if asked is True or asked is None else asked


def _value(kind: Any, *values: Any, lock: Any = True) -> Any:
    return multiprocessing.sharedctypes.Value(kind, *values, lock=_lock(lock))


def _array(kind: Any, content: Any, *, lock: Any = True) -> Any:
    return multiprocessing.sharedctypes.Array(kind, content, lock=_lock(lock))


def _context(_method: str | None = None) -> ModuleType:
    return multiprocessing


def take_over() -> None:
    """Replace what starts processes, in this process for good; call once in a worker."""
    same = "Lock RLock Semaphore BoundedSemaphore Condition Event Barrier Pipe".split()
    vars(multiprocessing).update(
        {name: getattr(multiprocessing.dummy, name) for name in same},
        Process=_Process,
        Pool=_Pool,
        Manager=_Manager,
        get_context=_context,
        **dict.fromkeys(("Queue", "JoinableQueue", "SimpleQueue"), _Queue),
        Value=_value,
        Array=_array,
    )
    for module in (concurrent.futures, concurrent.futures.process):
        vars(module)["ProcessPoolExecutor"] = _Executor
    joblib = sys.modules.get("joblib")
    if joblib is not None:
        for name in ("loky", "multiprocessing"):  # scikit-learn's n_jobs=-1 means loky
            joblib.register_parallel_backend(name, joblib.parallel.SequentialBackend)
