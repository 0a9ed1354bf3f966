"""Records the outputs of cells as a notebook file holds them: streams, displays, results."""

from __future__ import annotations

import base64
import io
import json
from typing import Any, TextIO

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

MAX_BYTES = 8 << 20  # of a cell's outputs; the recorder drops later outputs and says so
MAX_OUTPUTS = 1000
_MOST_LINES, _LONGEST_LINE = 200, 20_000  # of a traceback
_LEFT_OUT = "\n... (more was shown; the rest is left out)\n"

CellOutput = dict[str, Any]  # as nbformat 4 has it


class Recorder:
    """The outputs of the cell that is running, in order, as nbformat 4 has them."""

    def __init__(self) -> None:
        self.outputs: list[CellOutput] = []
        self.done: list[list[CellOutput]] = []
        self._size = 0
        self._full = False
        self._clear_next = False

    def take(self) -> list[CellOutput]:
        """Return the outputs so far and forget them."""
        taken = [
            {key: value for key, value in output.items() if key != "display_id"}
            for output in self.outputs
        ]
        self.outputs = []
        self._size, self._full, self._clear_next = 0, False, False
        return taken

    def end_cell(self) -> None:
        """Keep the outputs so far as those of the cell that ends here."""
        self.done.append(self.take())

    def to_json(self) -> bytes:
        """Return the outputs of all cells that ended."""
        return to_json(self.done)

    def stream(self, name: str, text: str) -> None:
        """Add printed text; consecutive texts to the same stream become a single output."""
        self._clear_if_due()
        last = self.outputs[-1] if self.outputs else {}
        if not text or not self._fits(len(text)):
            return
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def display(self, data: Any, metadata: Any, display_id: str | None = None) -> None:
        """Add what `display` shows; with an id it can be updated later in the same cell."""
        self._add({"output_type": "display_data", **_bundle(data, metadata)}, display_id)

    def update(self, data: Any, metadata: Any, display_id: str | None) -> None:
        """Put new content in place of each display with this id."""
        for output in self.outputs:
            if display_id and output.get("display_id") == display_id:
                output.update(_bundle(data, metadata))

    def result(self, data: Any, metadata: Any, count: int) -> None:
        """Add the value of a cell's last expression."""
        self._add(
            {"output_type": "execute_result", "execution_count": count, **_bundle(data, metadata)}
        )

    def error(self, name: str, text: str, traceback: list[str]) -> None:
        """Add an exception, also where no other output fits any more."""
        self._clear_if_due()
        lines = [line[:_LONGEST_LINE] for line in traceback[-_MOST_LINES:]]
        error = {"ename": name, "evalue": text[:_LONGEST_LINE], "traceback": lines}
        self.outputs.append({"output_type": "error", **error})

    def clear(self, wait: bool) -> None:
        """Forget the outputs: at once, or with `wait` when the next output comes."""
        self._clear_next = True
        if not wait:
            self._clear_if_due()

    def _add(self, output: CellOutput, display_id: str | None = None) -> None:
        self._clear_if_due()
        if self._fits(len(json.dumps(output, default=str))):
            self.outputs.append(
                output if display_id is None else output | {"display_id": display_id}
            )

    def _clear_if_due(self) -> None:
        if self._clear_next:
            self.take()

    def _fits(self, size: int) -> bool:
        if self._full:
            return False
        self._size += size
        self._full = self._size > MAX_BYTES or len(self.outputs) >= MAX_OUTPUTS
        if self._full:
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": _LEFT_OUT})
        return not self._full


def to_json(outputs: list[Any]) -> bytes:
    """Return outputs as JSON; what it has no form for becomes its text."""
    return json.dumps(outputs, default=str).encode()


def _bundle(data: Any, metadata: Any) -> dict[str, Any]:
    return {
        "data": {str(kind): _mime(content) for kind, content in dict(data).items()},
        "metadata": dict(metadata or {}),
    }


def _mime(content: Any) -> Any:
    return base64.b64encode(content).decode() if isinstance(content, bytes) else content


class Stream(io.TextIOBase):
    """Takes the place of sys.stdout or sys.stderr while a cell runs."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(
        self, recorder: Recorder, name: str, descriptor: int, through: TextIO | None = None
    ) -> None:
        """Record under `name`; what is written also goes `through` to another stream."""
        self._recorder, self._name, self._descriptor = recorder, name, descriptor
        self._through = through

    @property
    def name(self) -> str:
        """The stream's name, as of a file."""
        return f"<{self._name}>"

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Record text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._recorder.stream(self._name, text)
        if self._through is not None:
            self._through.write(text)
        return len(text)

    def fileno(self) -> int:
        """The process' own descriptor, for libraries that write past Python."""
        return self._descriptor


def _recorder_of(part: Any) -> Recorder | None:
    """Return the recorder of the shell that a publisher or a hook belongs to, None without one."""
    recorder: Recorder | None = part.shell.recorder
    return recorder


class RecordingPublisher(DisplayPublisher):
    """`display(...)` and `clear_output()`, into the recorder of a shell that has one."""

    def publish(  # type: ignore[no-untyped-def]
        self, data, metadata=None, source=None, *, transient=None, update=False, **rest
    ) -> None:
        """Record one display; print it where the shell has no recorder."""
        del source
        recorder = _recorder_of(self)
        display_id = (transient or {}).get("display_id")
        if recorder is None:
            super().publish(data, metadata, transient=transient, update=update, **rest)
        elif update:
            recorder.update(data, metadata, display_id)
        else:
            recorder.display(data, metadata, display_id)

    def clear_output(self, wait: bool = False) -> None:
        """Clear what the cell has shown so far."""
        recorder = _recorder_of(self)
        if recorder is None:
            super().clear_output(wait)  # type: ignore[no-untyped-call]
        else:
            recorder.clear(wait)


class RecordingHook(DisplayHook):
    """The value of a cell's last expression, into the recorder of a shell that has one."""

    def write_output_prompt(self) -> None:
        """Print `Out[n]:` where the shell has no recorder; a recorded result carries its number."""
        if _recorder_of(self) is None:
            super().write_output_prompt()  # type: ignore[no-untyped-call]

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Record one result; print it where the shell has no recorder."""
        recorder = _recorder_of(self)
        if recorder is None:
            super().write_format_data(format_dict, md_dict)
        else:
            recorder.result(format_dict, md_dict, self.prompt_count)

    def finish_displayhook(self) -> None:
        """End a result; a recorded one needs no line end."""
        if _recorder_of(self) is None:
            super().finish_displayhook()  # type: ignore[no-untyped-call]
        self._is_active = False
