"""The confined kernel shows what a Jupyter kernel shows, and nothing gets past its limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from nbgrader.preprocessors import Execute

from autograder.errors import Fault, WorkerFault
from autograder.limits import Limits, MiB
from autograder.proxies.kernel import Executed, Kernel
from autograder.sandbox.spawn import Lease

pytestmark = pytest.mark.slow

CELLS = [
    "import sys\nprint('out')\nprint('err', file=sys.stderr)\n1 + 1",
    "x = [1, 2]\nx",
    "x;",
    "None",
    "1 / 0",
    "def broken(:",
    "raise SystemExit(3)",
    "%time y = 3",
    "print(y, _, __name__)",
    "from IPython.display import HTML, Markdown, display",
    "display(HTML('<b>b</b>'), Markdown('*m*'))",
    "h = display('0 %', display_id=True)\nh.update('100 %')",
    "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "plt.plot([2, 1])",
    "input('name? ')",
    "%%capture\nprint('nobody sees this')",
    "import warnings\nwarnings.warn('careful')",
    "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "get_ipython().showtraceback = lambda *a, **k: None\n1 / 0",
    "import pandas as pd\npd.DataFrame({'a': [1]})",
    "class Odd:\n    def __repr__(self):\n        raise ValueError('no text')\nOdd()",
]


@pytest.fixture
def kernel(lease: Lease) -> Iterator[Kernel]:
    one = Kernel(lease, Limits(memory=600 * MiB), {"data/a.txt": b"beside"}, {"NAME": "here"})
    yield one
    one.close()


def _essence(outputs: list[Any]) -> list[tuple[Any, ...]]:
    """What must agree: kinds, texts, mime types; not colours, addresses, times or line frames."""
    found: list[tuple[Any, ...]] = []
    for output in outputs:
        kind = output.output_type
        if kind == "stream":
            text = output.text if "CPU times" not in output.text else "times"
            found.append((kind, output.name, text if output.name == "stdout" else ""))
        elif kind == "error":
            found.append((kind, output.ename))
        else:
            same = {"text/plain"} & set(output.data) and "<" not in output.data["text/plain"]
            text = output.data["text/plain"] if same else ""
            found.append((kind, tuple(sorted(output.data)), text))
    return found


def test_outputs_are_those_that_nbgrader_gets_from_jupyter(kernel: Kernel) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    Execute(timeout=60, kernel_name="python3").preprocess(notebook, {})
    for source, cell in zip(CELLS, notebook.cells, strict=True):
        ours = kernel.execute(source, 60.0)
        assert _essence(list(ours.outputs)) == _essence(cell.outputs), source
        assert ours.count == cell.execution_count, source


def _text(ran: Executed) -> str:
    return "".join(one.get("text", "") for one in ran.outputs)


def test_files_and_variables_are_there_and_the_rest_of_the_machine_is_not(kernel: Kernel) -> None:
    code = "import os\nprint(open('data/a.txt').read(), os.environ['NAME'], os.environ.get('USER'))"
    assert _text(kernel.execute(code, 20.0)) == "beside here None\n"
    unseen = kernel.execute(f"open({__file__!r})", 20.0).outputs[0].ename
    assert unseen in ("PermissionError", "FileNotFoundError")
    assert kernel.execute("import socket; socket.socket()", 20.0).outputs[0].ename == (
        "PermissionError"
    )


def test_exit_ends_nothing(kernel: Kernel) -> None:
    """It ends a Jupyter kernel, and with it the whole submission."""
    assert not kernel.execute("exit()", 20.0).outputs
    assert kernel.execute("'after'", 20.0).outputs


def test_a_slow_cell_is_interrupted_and_the_next_one_runs(kernel: Kernel) -> None:
    slow = kernel.execute("z = 1\nwhile True: pass", 0.5)
    assert slow.expired
    assert slow.outputs[0].ename == "KeyboardInterrupt"
    after = kernel.execute("z", 20.0)
    assert after.outputs[0].data["text/plain"] == "1"
    assert not after.expired


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import os; os._exit(3)", Fault.EXITED),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Fault.EXITED),
        ("x = bytearray(b'1') * (1 << 30)", Fault.OUT_OF_MEMORY),
        (
            "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
            Fault.TIMED_OUT,
        ),
    ],
)
def test_what_ends_a_kernel_is_named(kernel: Kernel, source: str, fault: Fault) -> None:
    with pytest.raises(WorkerFault) as caught:
        kernel.execute(source, 0.5)
    assert caught.value.fault is fault


def test_forged_outputs_are_refused(kernel: Kernel) -> None:
    forge = "import autograder.worker.kernel as k\nk.to_json = lambda outputs: b'[{}]'"
    with pytest.raises(WorkerFault) as caught:
        kernel.execute(forge, 20.0)
    assert caught.value.fault is Fault.BAD_RESPONSE
