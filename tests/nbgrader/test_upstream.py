"""nbgrader's own tests, and the list of those that fail with our preprocessors."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "nbgrader_upstream.py"
REPORT = """<testsuites><testsuite>
<testcase classname="a.b.C" name="good"/>
<testcase classname="a.b.C" name="bad"><failure message="no"/></testcase>
<testcase classname="a.b.C" name="broken"><error message="no"/></testcase>
<testcase classname="a.b.C" name="skipped"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture(scope="module")
def upstream() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("nbgrader_upstream", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_list_is_exact(upstream: ModuleType) -> None:
    passed = upstream.outcomes(REPORT)
    assert passed == {"a.b.C.good": True, "a.b.C.bad": False, "a.b.C.broken": False}

    def told(*known: str, modules: tuple[str, ...] = ("a.b",)) -> list[str]:
        return list(upstream.problems(passed, frozenset(known), modules))

    assert told("a.b.C.bad", "a.b.C.broken") == []
    assert told("a.b.C.bad") == ["fails, and is not in the list: a.b.C.broken"]
    fits = ("a.b.C.bad", "a.b.C.broken")
    assert told(*fits, "a.b.C.good") == ["is in the list, and passes: a.b.C.good"]
    assert told(*fits, "a.b.C.gone") == ["is in the list, and did not run: a.b.C.gone"]
    assert told(*fits, "x.y.Z.other") == []


def test_the_list_names_tests_of_the_modules_that_run(upstream: ModuleType) -> None:
    names = upstream.exceptions(upstream.EXCEPTIONS.read_text("utf-8"))
    assert len(names) == 13
    for name in names:
        assert any(name.startswith(f"{module}.") for module in upstream.MODULES), name


@pytest.mark.slow
def test_the_script_runs_nbgraders_tests_and_compares_them_with_the_list() -> None:
    module = "nbgrader.tests.preprocessors.test_instantiatetests"
    command = [sys.executable, str(SCRIPT), "--module", module]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "14 tests, 11 failed, 0 not as the list says" in done.stdout
