"""Cells run as in a notebook, and one bad cell costs as little as it can."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.worker.cells import CellReport


def statuses(answer: Any) -> Any:
    return [report.status for report in answer.reports]


def test_building_starts_no_thread_and_writes_no_file(driver: Any) -> None:
    assert driver.ask({"fresh": True}) == {"threads": 1, "files": [], "loaded": []}


def test_running_starts_no_thread_and_writes_no_file(driver: Any) -> None:
    answer = driver.run("x = 1\nx", "_ + 1", "y = _", wanted=["y"])
    assert answer.found == {"y": 2}
    assert answer.state == {"threads": 1, "files": [], "loaded": []}


def test_a_fork_does_not_see_another_fork(driver: Any) -> None:
    driver.run("left = 1")
    assert driver.run("pass", wanted=["left"]).found == {"left": "missing"}


def test_a_failing_cell_keeps_earlier_and_later_definitions(driver: Any) -> None:
    answer = driver.run(
        "def before(): return 1\n"
        "explore()\n"
        "print('never')\n"
        "side = before()\n"
        "def after(): return 2\n"
        "RATE = -1e-3 * 2\n"
        "import math as m\n"
        "alias = m.pi\n"
        "try:\n    import nowhere_at_all\nexcept ImportError:\n    nowhere_at_all = None\n"
        "class Thing:\n    size = 4\n",
        "follows = after()",
        wanted=["before()", "after()", "RATE", "alias", "nowhere_at_all", "Thing.size", "side"],
    )
    assert statuses(answer) == ["failed", "ran"]
    report = answer.reports[0]
    assert (report.error_type, report.line) == ("NameError", 2)
    assert report.error_message == "name 'explore' is not defined"
    assert list(answer.found.values()) == [1, 2, -0.002, 3.141592653589793, None, 4, "missing"]


def test_a_definition_that_fails_as_well_is_noted(driver: Any) -> None:
    answer = driver.run("1 / 0\nimport nowhere_at_all\ndef f(): return 1", wanted=["f()"])
    assert answer.found == {"f()": 1}
    assert "nowhere_at_all" in answer.reports[0].notes[0]


def test_a_syntax_error_costs_only_its_own_statement(driver: Any) -> None:
    answer = driver.run(
        "def good():\n    '''two\nlines'''\n    return 1\n\n"
        "def broken(:\n    pass\n\n"
        "@staticmethod\ndef decorated():\n    return 2\n"
        "values = [\n1,\n2\n]\n",
        "later = good()",
        wanted=["good()", "decorated()", "values", "later", "broken"],
    )
    assert statuses(answer) == ["failed", "ran"]
    assert (answer.reports[0].error_type, answer.reports[0].line) == ("SyntaxError", 6)
    assert list(answer.found.values()) == [1, 2, [1, 2], 1, "missing"]


def _null_error() -> str:
    """Return what this Python calls a null byte in a source: that changed within 3.11."""
    try:
        compile("'\0'", "cell", "exec")
    except (SyntaxError, ValueError) as error:
        return type(error).__name__
    raise AssertionError("a null byte is no Python")


NULL_ERROR = _null_error()


def test_a_return_outside_a_function_keeps_later_definitions(driver: Any) -> None:
    answer = driver.run("return 3\ndef f(): return 1", wanted=["f()"])
    assert answer.reports[0].error_type == "SyntaxError"
    assert answer.found == {"f()": 1}


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import sys; sys.exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E", "E"),
        ("raise type('x' * 999, (Exception,), {})('y' * 999)", "x" * 300),
        ("assert False, '\\ud800'", "AssertionError"),
        ("'\0'", NULL_ERROR),
        ("get_ipython().run_cell = None; 1 / 0", "ZeroDivisionError"),
        ("def f(): f()\nf()", "RecursionError"),
    ],
)
def test_any_error_is_a_failed_cell(driver: Any, source: str, error: Any) -> None:
    answer = driver.run(source, "after = 1", wanted=["after"])
    assert answer.reports[0].status == "failed"
    assert answer.reports[0].error_type == error


def test_a_broken_exception_still_has_a_message(driver: Any) -> None:
    answer = driver.run("class E(Exception):\n    def __str__(self): raise OSError\nraise E")
    assert answer.reports[0].error_message == "(its text raises OSError)"


def test_a_slow_cell_is_interrupted_and_its_definitions_kept(driver: Any) -> None:
    answer = driver.run(
        "while True: pass\ndef f(): return 1", "g = f()", wanted=["g"], cell_seconds=0.2
    )
    assert statuses(answer) == ["interrupted", "ran"]
    assert answer.reports[0].error_type == "CellTimeout"
    assert answer.reports[0].seconds < 5
    assert answer.found == {"g": 1}


def test_a_cell_may_catch_its_interruption_once(driver: Any) -> None:
    answer = driver.run(
        "import time\ntry:\n    time.sleep(30)\nexcept KeyboardInterrupt:\n    stopped = True",
        wanted=["stopped"],
        cell_seconds=0.2,
    )
    assert statuses(answer) == ["ran"]
    assert answer.found == {"stopped": True}


def test_a_cell_that_swallows_interruptions_gets_more_of_them(driver: Any) -> None:
    source = (
        "import time\ncount = 0\n"
        "while count < 2:\n"
        "    try:\n"
        "        time.sleep(30)\n"
        "    except BaseException: count += 1\n"
    )
    answer = driver.run(source, wanted=["count"], cell_seconds=0.1)
    assert answer.found == {"count": 2}


def test_when_all_time_is_used_only_definitions_are_made(driver: Any) -> None:
    answer = driver.run(
        "import time; time.sleep(30)",
        "import math\nran = True\nresult = print('no')\n%%time\ndef f(): return math.pi",
        "%%time\nslow()\ndef g(): return 2",
        "def broken(:\ndef h(): return 3",
        wanted=["f()", "g()", "h()", "ran", "result"],
        total_seconds=0.3,
    )
    assert statuses(answer) == ["interrupted", *["definitions_only"] * 3]
    assert list(answer.found.values()) == [3.141592653589793, 2, 3, True, "missing"]


def test_a_skipped_cell_does_not_run(driver: Any) -> None:
    answer = driver.run("x = 1", "x = 2", wanted=["x"], skip={1})
    assert statuses(answer) == ["ran", "skipped"]
    assert answer.found == {"x": 1}


@pytest.mark.parametrize(
    "source",
    [
        "!pip install keras",
        "pip install keras",
        "%pip install keras",
        "%conda install keras",
        "%cd /",
        "%run other.py",
        "%env A=1",
        "%reset -f",
        "%no_such_magic at all",
        "%%bash\nrm -rf /",
        "%%script perl\nprint 1",
        "%%html\n<b>hi</b>",
        "ls -l",
        "get_ipython().system('ls')",
        "get_ipython().run_line_magic('pip', 'install keras')",
        "get_ipython().run_cell_magic('bash', '', 'ls')",
    ],
)
def test_what_reaches_out_of_a_notebook_is_a_note(driver: Any, source: str) -> None:
    answer = driver.run("kept = 1", source, wanted=["kept"])
    assert statuses(answer) == ["ran", "ran"]
    assert answer.found == {"kept": 1}
    assert answer.reports[1].notes


@pytest.mark.parametrize(
    "source",
    [
        "%load_ext tensorboard",
        "%tensorboard --logdir logs",
        "%tensorflow_version 2.x",
        "%matplotlib inline",
        "%config InlineBackend.figure_format = 'retina'",
        "%load_ext autoreload\n%autoreload 2",
        "print?",
        "get_ipython().magic('matplotlib inline')",
    ],
)
def test_what_only_a_person_sees_is_left_out_without_a_note(driver: Any, source: str) -> None:
    answer = driver.run("kept = 1", source, wanted=["kept"])
    assert statuses(answer) == ["ran", "ran"]
    assert answer.found == {"kept": 1}
    assert answer.reports[1].notes == ()


def test_an_error_within_a_magic_fails_its_cell(driver: Any) -> None:
    answer = driver.run("get_ipython().run_cell_magic('time', '', '1 / 0')")
    assert answer.reports[0].error_type == "ZeroDivisionError"


def test_a_command_does_not_cost_the_rest_of_its_cell(driver: Any) -> None:
    source = (
        "!pip install keras\n"
        "files = !ls\n"
        "lines = get_ipython().getoutput('ls')\n"
        "def f():\n    !ls {undefined}\n    return 1\n"
        "called = f()"
    )
    answer = driver.run(source, wanted=["list(files)", "list(lines)", "called"])
    assert statuses(answer) == ["ran"]
    assert list(answer.found.values()) == [[], [], 1]


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 100 -r 5", "%%capture out", "%%prun -q"])
def test_the_python_behind_a_cell_magic_runs_once(driver: Any, magic: str) -> None:
    source = f"{magic}\ncount = globals().get('count', 0) + 1\ndef f(): return 1\n1 / 0\nA = 3"
    answer = driver.run(source, wanted=["count", "f()", "A"])
    assert list(answer.found.values()) == [1, 1, 3]
    assert (answer.reports[0].error_type, answer.reports[0].line) == ("ZeroDivisionError", 4)


def test_line_timers_run_their_statement_once(driver: Any) -> None:
    answer = driver.run(
        "n = []\n%timeit -n 100 -r 3 n.append(1)\n%time value = len(n)\nx = %time value + 1",
        "%%timeit start = 5\nend = start + 1",
        "%%capture out\nprint(1)",
        "out.show()",
        wanted=["n", "value", "x", "end"],
    )
    assert statuses(answer) == ["ran"] * 4
    assert list(answer.found.values()) == [[1], 1, 2, 6]


def test_colab_and_widgets_are_harmless(driver: Any) -> None:
    answer = driver.run(
        "from google.colab import drive, files, output\nimport google.colab\n"
        "drive.mount('/content/drive', force_remount=True)\n"
        "uploaded = files.upload()\noutput.clear()\nfiles.download('model.keras')",
        "import ipywidgets as widgets\nfrom ipywidgets import interact\n"
        "@interact(n=(1, 5))\ndef show(n=2): return n\nwidgets.IntSlider(3)",
        "from tqdm.notebook import tqdm\nfrom tqdm import trange\n"
        "seen = [n for n in tqdm(range(3), desc='x')] + list(trange(2))",
        wanted=["uploaded", "seen", "show(2)"],
    )
    assert statuses(answer) == ["ran"] * 3
    assert [bool(report.notes) for report in answer.reports] == [True, False, False]
    assert list(answer.found.values()) == [{}, [0, 1, 2, 0, 1], 2]


def test_plots_are_harmless(driver: Any) -> None:
    answer = driver.run(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "import matplotlib\nbackend = matplotlib.get_backend().lower()\nopen_ = plt.get_fignums()",
        wanted=["backend", "open_"],
    )
    assert statuses(answer) == ["ran", "ran"]
    assert answer.found == {"backend": "agg", "open_": []}


def test_top_level_await_runs(driver: Any) -> None:
    answer = driver.run(
        "import asyncio, time\nx = await asyncio.sleep(0.01, 7)",
        "y = await asyncio.to_thread(lambda: 8)",
        "await asyncio.sleep(0)\n1 / 0\ndef f(): return 9",
        wanted=["x", "y", "f()"],
    )
    assert statuses(answer) == ["ran", "ran", "failed"]
    assert list(answer.found.values()) == [7, 8, 9]


def test_source_of_functions_is_known(driver: Any) -> None:
    answer = driver.run(
        "pass",
        "def f():\n    return 1",
        "1 / 0\ndef g():\n    return 2",
        "x = = 1\ndef h():\n    return 3",
        "import inspect\ntexts = [inspect.getsource(k) for k in (f, g, h)]",
        wanted=["texts", "f.__code__.co_filename"],
    )
    assert answer.found["f.__code__.co_filename"] == "<cell 2>"
    expected = [f"def {n}():\n    return {k}\n" for n, k in (("f", 1), ("g", 2), ("h", 3))]
    assert answer.found["texts"] == expected


def test_future_imports_and_display_work(driver: Any) -> None:
    answer = driver.run(
        "from __future__ import annotations",
        "def f(x: Undefined): return x\ndisplay(1)",
        "exit()\nquit()",
        wanted=["f(1)"],
    )
    assert statuses(answer) == ["ran"] * 3
    assert answer.found == {"f(1)": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "fine"},
        {"index": True},
        {"seconds": "1"},
        {"notes": ["x"] * 6},
        {"notes": [None]},
        {"error_message": "x" * 301},
        {"error_type": 3},
        {"line": 1.5},
        {"more": 1},
    ],
)
def test_a_report_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    good = CellReport(0, "failed", "E", "text", 1, 0.5, ("note",)).to_value()
    assert CellReport.from_value(good).to_value() == good
    with pytest.raises(ValueError, match="report"):
        CellReport.from_value({**good, **change})
