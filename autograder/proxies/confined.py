"""Confined workers behind the proxies: started when needed, restarted after a fault."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from autograder.errors import BadResponse, Fault, StudentError, WorkerFault
from autograder.limits import Limits
from autograder.proxies.failures import fault_error, fault_words, raise_for_full_disk
from autograder.proxies.protocols import CallRequest
from autograder.proxies.responses import (
    Answered,
    Called,
    Described,
    Failure,
    answered,
    called,
    described,
    loaded,
)
from autograder.proxies.timeouts import CallTimeout, ReferenceTiming
from autograder.sandbox.allowance import Allowance, ProcessorSeconds
from autograder.sandbox.output import WorkerOutput
from autograder.sandbox.process import Worker, start
from autograder.sandbox.spawn import Lease
from autograder.wire import Value
from autograder.worker.cells import CellReport

_Response = TypeVar("_Response")

_DESCRIBE_SECONDS = 60.0
_SLOW_STRIKES = 2


@dataclass(frozen=True, slots=True)
class Source:
    """What a worker loads: cells as plain values, the files beside them by path, the seed.

    With `record` the outputs of the cells are kept. `released` are the names of those files that
    come with the exercise.
    """

    cells: tuple[dict[str, Value], ...]
    files: Mapping[str, bytes]
    seed: int
    record: bool = False
    released: tuple[str, ...] = ()


@dataclass(slots=True)
class ConfinedStudent:
    """A student worker that is started again after each fault, with the same cells loaded anew."""

    lease: Lease
    source: Source
    limits: Limits
    reference: ReferenceTiming | None = None
    generation: int = 0
    reports: tuple[CellReport, ...] = ()
    shown: tuple[list[Any], ...] = ()
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    outputs: list[WorkerOutput] = field(default_factory=list)
    _worker: Worker | None = None
    _functions: frozenset[str] = frozenset()
    _strikes: dict[str, list[StudentError]] = field(default_factory=dict)
    _definitions_only: bool = False
    _unloadable: StudentError | None = None

    def functions(self) -> frozenset[str]:
        """Return the names the submission defines; raises StudentError when it cannot load."""
        self._ready()
        return self._functions

    def call(self, request: CallRequest) -> Called | Failure:
        """Call one of the student's functions; raises StudentError when no response comes."""
        limits, function = self.limits, request.function
        # A function that was stopped once gets the floor from then on, not the reference's time.
        reference = None if self._strikes.get(function) else self.reference
        timeout = CallTimeout(
            function, limits.call_seconds, limits.slowness, limits.waiting, reference
        )
        response = self._ask(
            function,
            request.to_value(),
            timeout,
            lambda values: called(values, len(request.descriptions)),
        )
        taken = 0.0 if self._worker is None else self._worker.took.processor
        self.seconds[function] = max(taken, self.seconds.get(function, 0.0))
        return response

    def open(self, file: str) -> Called | Failure | None:
        """Open a model beside the notebook; None where there is none."""
        if file not in self.source.files:
            return None
        request: dict[str, Value] = {"op": "open", "path": file}
        return self._ask(file, request, self._reading(), lambda values: called(values, 0))

    def describe(
        self, function: str, handle: int, input_shape: tuple[int | None, ...] | None
    ) -> Described | Failure:
        """Describe a live model that `function` made; raises StudentError without a response."""
        shape = None if input_shape is None else list(input_shape)
        request = {"op": "describe", "model": handle, "input_shape": shape}
        return self._ask(function, request, self._reading(), described)

    def _reading(self) -> ProcessorSeconds:
        return ProcessorSeconds(_DESCRIBE_SECONDS, self.limits.waiting)

    def answer(
        self, function: str, handle: int, inputs: Sequence[np.ndarray[Any, Any]]
    ) -> Answered | Failure:
        """Have the model that was described last predict."""
        request = {"op": "answer", "model": handle, "inputs": list(inputs)}
        return self._ask(function, request, self._reading(), answered)

    def _ask(
        self,
        function: str,
        request: dict[str, Value],
        allowance: Allowance,
        read: Callable[[dict[str, Value]], _Response],
    ) -> _Response:
        struck = self._strikes.get(function, [])
        if len(struck) >= _SLOW_STRIKES:
            raise struck[-1]
        worker = self._ready()
        try:
            response = read(worker.ask(request, allowance))
            if isinstance(response, Failure):
                raise_for_full_disk(response.message)
            return response
        except BadResponse as error:
            self._lose()
            raise fault_error(
                f"`{function}`", WorkerFault(Fault.BAD_RESPONSE, str(error))
            ) from None
        except WorkerFault as fault:
            self._lose()
            error_ = fault_error(f"`{function}`", fault)
            if fault.fault is Fault.TIMED_OUT:
                self._strikes.setdefault(function, []).append(error_)
            raise error_ from None

    def close(self) -> None:
        """End the worker."""
        self._lose()

    def _lose(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
            self.generation += 1

    def _ready(self) -> Worker:
        if self._unloadable is not None:
            raise self._unloadable
        if self._worker is None:
            self._worker = self._load_or_define()
        return self._worker

    def _load_or_define(self) -> Worker:
        """Load all cells; where that ends the worker, load the definitions alone.

        A cell that only tries things out then costs no function, however the cell ends.
        """
        try:
            return self._load(self._definitions_only)
        except WorkerFault as fault:
            if self._definitions_only:
                self._unloadable = fault_error("Running your cells", fault)
                raise self._unloadable from None
            self._definitions_only = True
            words = fault_words(fault)
            self.notes.append(
                f"Running all cells in order {words} Only the definitions in them were used."
            )
            return self._load_or_define()

    def _load(self, definitions_only: bool) -> Worker:
        limits = self.limits
        scratch = Path(tempfile.mkdtemp(dir=self.lease.scratch_root))
        for name, data in self.source.files.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        worker = start(self.lease, "student", limits, scratch)
        try:
            self._ask_to_load(worker, definitions_only)
        except BaseException:
            worker.close()
            raise
        return worker

    def _ask_to_load(self, worker: Worker, definitions_only: bool) -> None:
        limits = self.limits
        self.outputs.append(worker.output)
        request = {
            "op": "load",
            "cells": list(self.source.cells),
            "seed": self.source.seed,
            "cell_seconds": limits.cell_seconds,
            "total_seconds": 0.0 if definitions_only else limits.load_seconds,
            "waiting": limits.waiting,
            "record": self.source.record,
            "released": list(self.source.released),
        }
        # The worker interrupts slow cells by itself; this limit is for cells that catch that.
        try:
            response = loaded(
                worker.ask(request, ProcessorSeconds(2 * limits.load_seconds, limits.waiting)),
                len(self.source.cells),
            )
        except BadResponse as error:
            raise WorkerFault(Fault.BAD_RESPONSE, str(error)) from None
        for report in response.reports:
            raise_for_full_disk(report.error_message or "")
        self.reports, self.shown = response.reports, response.shown
        self._functions = response.functions


@dataclass(slots=True)
class ConfinedEvaluator:
    """An evaluator that is started again after a model has broken its limits."""

    lease: Lease
    limits: Limits
    generation: int = 0
    _worker: Worker | None = None
    _strikes: list[StudentError] = field(default_factory=list)

    def ask(self, request: dict[str, Value]) -> dict[str, Value]:
        """Return the response; raises StudentError when the model is too slow or too large."""
        if len(self._strikes) >= _SLOW_STRIKES:
            raise self._strikes[-1]
        if self._worker is None:
            self._worker = start(self.lease, "evaluator", self.limits)
        try:
            seconds = 2 * self.limits.call_seconds
            return self._worker.ask(request, ProcessorSeconds(seconds, self.limits.waiting))
        except WorkerFault as fault:
            self.close()
            error = fault_error("Predicting with your model", fault, advice=False)
            if fault.fault is Fault.TIMED_OUT:
                self._strikes.append(error)
            raise error from None

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
            self.generation += 1
