"""`%%writefile`, `%run` and imports of what was written work as in a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.worker.scripts import Run

MODULE = "RATE = 0.5\n\ndef price(x):\n    return RATE * x"


@pytest.fixture(autouse=True)
def folder(driver: Any, tmp_path: Any) -> Iterator[None]:
    """Have the cells run in a folder of their own."""
    driver.folder = str(tmp_path)
    yield
    driver.folder = None


def written(name: str, text: str = MODULE) -> str:
    return f"%%writefile {name}\n{text}"


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("prices.py", "from prices import price"),
        ("prices.py", "import prices\nprice = prices.price"),
        ("'prices.py'", "from prices import *"),
        ("lib/prices.py", "from lib.prices import price"),
        ("lib/prices.py", "import sys\nsys.path.append('lib')\nfrom prices import price"),
        ("{name}.py", "from named import price"),
        ("prices.py", "import importlib\nprice = importlib.import_module('prices').price"),
        ("prices.py", "%run prices.py"),
        ("prices.py", "%run prices"),
        ("prices.py", "%run -t ./prices.py --epochs 3"),
        ("prices.py", "%run -i prices.py"),
        ("prices.py", "%run -m prices"),
        ("prices.py", "get_ipython().run_line_magic('run', 'prices.py')"),
        ("prices.py", "exec(open('prices.py').read())"),
        ("prices.py", "%time from prices import price"),
    ],
)
@pytest.mark.parametrize("magic", ["%%writefile", "%%file", "%%time\n%%writefile"])
def test_what_was_written_is_used(driver: Any, magic: str, name: str, use: str) -> None:
    answer = driver.run("name = 'named'", f"{magic} {name}\n{MODULE}", use, wanted=["price(4)"])
    assert answer.found == {"price(4)": 2.0}
    assert [report.status for report in answer.reports] == ["ran"] * 3
    assert [report.notes for report in answer.reports] == [()] * 3


def test_a_part_is_written_behind_what_is_there(driver: Any) -> None:
    for option in ("-a prices.py", "--append prices.py"):
        more = f"%%writefile {option}\ndef cost(x):\n    return price(x) + 1"
        answer = driver.run(written("prices.py"), more, "from prices import *", wanted=["cost(4)"])
        assert answer.found == {"cost(4)": 3.0}


def test_a_file_is_written_letter_by_letter(driver: Any) -> None:
    text = "%not a magic\n!no command\n\ttab 'Grün' \\n {name}\n\n# end"
    answer = driver.run(written("notes.txt", text), wanted=["open('notes.txt').read()"])
    assert list(answer.found.values()) == [f"{text}\n"]


def test_a_module_that_is_written_anew_is_read_anew(driver: Any) -> None:
    answer = driver.run(
        written("prices.py"),
        "import prices\nfirst = prices.price(4)",
        written("prices.py", MODULE.replace("0.5", "0.7")),
        "from prices import price\nsecond = price(10)",
        "import importlib\nthird = importlib.reload(prices).price(10)",
        wanted=["first", "second", "third"],
    )
    assert list(answer.found.values()) == [2.0, 7.0, 7.0]


def test_files_are_written_also_where_nothing_else_is_run(driver: Any) -> None:
    answer = driver.run(
        written("prices.py"), "from prices import price", wanted=["price(4)"], total_seconds=0.0
    )
    assert answer.found == {"price(4)": 2.0}


def test_a_script_keeps_its_own_names_and_gives_them(driver: Any) -> None:
    script = f"import sys\nwords = sys.argv[1:]\nmain = __name__\n{MODULE}"
    answer = driver.run(
        written("prices.py", script),
        "RATE = 99\nimport sys\nbefore = list(sys.argv)",
        "%run prices.py 3 'two words'",
        "after = RATE\nRATE = 99\nsame = sys.argv == before",
        wanted=["price(4)", "after", "words", "main", "same", "__name__"],
    )
    assert list(answer.found.values()) == [
        *(2.0, 0.5, ["3", "two words"], "__main__", True, "__main__"),
    ]


def test_a_script_that_fails_or_ends_costs_no_function(driver: Any) -> None:
    for end, error in (
        ("1 / 0", "ZeroDivisionError"),
        ("exit(0)", None),
        ("exit(2)", "SystemExit"),
    ):
        script = f"import sys\n{MODULE}\nsys.{end}" if "exit" in end else f"{MODULE}\n{end}"
        answer = driver.run(written("prices.py", script), "%run prices.py", wanted=["price(4)"])
        assert answer.found == {"price(4)": 2.0}
        assert answer.reports[1].error_type == error


def test_another_notebook_is_run(driver: Any) -> None:
    cells = [MODULE, "%matplotlib inline\nprice(3)", "%%time\nn = 2"]
    code = [{"cell_type": "code", "source": cell, "metadata": {}} for cell in cells]
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code})
    answer = driver.run(
        written("other.ipynb", notebook), "%run other.ipynb", wanted=["price(4)", "n"]
    )
    assert list(answer.found.values()) == [2.0, 2]
    failing = notebook.replace("n = 2", "1 / 0")
    answer = driver.run(written("other.ipynb", failing), "%run other.ipynb", wanted=["price(4)"])
    assert answer.reports[1].error_type == "ZeroDivisionError"
    assert answer.found == {"price(4)": 2.0}


@pytest.mark.parametrize("line", ["%run other.py", "%run", "%run -m nowhere", "%run other.ipynb"])
def test_a_missing_script_is_a_note(driver: Any, line: str) -> None:
    answer = driver.run(f"{line}\nafter = 1", wanted=["after"])
    assert answer.found == {"after": 1}
    assert "%run found no file" in answer.reports[0].notes[0]


def test_a_file_without_a_name_fails_its_cell(driver: Any) -> None:
    answer = driver.run("%%writefile\nx = 1")
    assert answer.reports[0].error_type == "ValueError"


def test_options_of_run() -> None:
    assert Run.of("-i -n 'my file.py' a b") == Run("my file.py", ("a", "b"), True, "my file")
    assert Run.of("it's.py x") == Run("it's.py", ("x",))
    assert Run.of("") == Run("")
