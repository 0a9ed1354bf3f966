"""A confined notebook kernel as the trusted side sees it: cells in, checked outputs back."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import BadOutputs, Fault, SandboxError, WorkerFault
from autograder.limits import Limits
from autograder.notebooks import outputs
from autograder.notebooks.outputs import Output
from autograder.sandbox.allowance import Seconds
from autograder.sandbox.process import Worker, start
from autograder.sandbox.spawn import Lease

_GRACE = 10.0  # seconds for a cell to end by itself once it was interrupted
_NO_LIMIT = 1e9
_BEGIN_SECONDS = 60.0
MAX_CELL_CODE = 1 << 16  # characters of one cell: the longest text that crosses


@dataclass(frozen=True, slots=True)
class Executed:
    """The outputs of one cell and its number; `expired` where its time was up."""

    outputs: tuple[Output, ...]
    count: int
    expired: bool


@dataclass(slots=True)
class Kernel:
    """One worker with one notebook's namespace. Close it, or close its lease.

    Raises SandboxError when it cannot begin.
    """

    lease: Lease
    limits: Limits
    files: Mapping[str, bytes]
    environment: Mapping[str, str]
    scratch: Path = field(init=False)
    _worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.scratch = Path(tempfile.mkdtemp(dir=self.lease.scratch_root))
        for name, content in self.files.items():
            path = self.scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._worker = start(self.lease, "kernel", self.limits, self.scratch)
        request = {"op": "begin", "environment": dict(self.environment)}
        try:
            self._worker.ask(request, Seconds(_BEGIN_SECONDS))
        except WorkerFault as fault:  # no student code has run yet
            raise SandboxError(f"a kernel did not begin: {fault}") from fault

    def execute(self, source: str, seconds: float | None) -> Executed:
        """Run one cell for at most `seconds`; raises WorkerFault when the process ended.

        Raises ValueError for a cell of more than MAX_CELL_CODE characters.
        """
        if len(source) > MAX_CELL_CODE:
            raise ValueError(
                f"a cell of {len(source):,} characters, at most {MAX_CELL_CODE:,} are run"
            )
        request = {"op": "execute", "source": source, "seconds": seconds}
        allowance = Seconds(_NO_LIMIT if seconds is None else seconds + _GRACE)
        response = self._worker.ask(request, allowance)
        try:
            return _executed(response)
        except BadOutputs as error:
            self.close()
            raise WorkerFault(Fault.BAD_RESPONSE, str(error)) from None

    def close(self) -> None:
        """End the process and remove what it wrote."""
        self._worker.close()


def _executed(response: dict[str, Any]) -> Executed:
    count, expired = response.get("count"), response.get("expired")
    if type(expired) is not bool or type(count) is not int or not 0 <= count < 1 << 31:
        raise BadOutputs("no number or no flag")
    return Executed(tuple(outputs.read(response.get("outputs"))), count, expired)
