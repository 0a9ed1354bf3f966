"""The package is a house of rooms: imports run one way, and workers never name a check."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "autograder"

# From the bottom up: a room imports only rooms that stand before it, and its own.
ROOMS = (
    *("result", "limits", "errors", "text", "wire", "report"),
    *("notebooks", "course"),
    *("model.allowlist", "model.keras_internals", "model.keras_messages", "model.facts"),
    *("model.rebuilding", "model.describing"),
    *("sandbox", "worker", "submissions", "proxies"),
    *("expect", "checks", "digits", "runner"),
    *("selfcheck", "grading", "calibration", "authoring"),
    *("nbgrader", "commands", "cli"),
)
AT_THE_TOP = {"__init__", "cli", "errors", "limits", "result", "text"}
UNTRUSTED_MUST_NOT_NAME = {"runner", "course", "expect", "checks", "grading", "authoring"}


def _modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py")


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder"):
            base = (node.module or "").removeprefix("autograder").removeprefix(".")
            for alias in node.names:
                full = f"{base}.{alias.name}".strip(".")
                is_module = (PACKAGE / Path(*full.split("."))).with_suffix(".py").exists()
                found.add(full if is_module else base)
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            found |= {n.removeprefix("autograder.") for n in names if n.startswith("autograder.")}
    return found - {""}


def _room(name: str) -> int:
    matches = [i for i, room in enumerate(ROOMS) if name == room or name.startswith(f"{room}.")]
    assert matches, f"{name} stands in no room"
    return matches[0]


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_imports_point_downwards(path: Path) -> None:
    own = _room(_name(path))
    upwards = {name for name in _imported(path) if _room(name) > own}
    assert not upwards, f"{_name(path)} imports {sorted(upwards)} from above it"


def test_only_named_files_stand_at_the_top() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} <= AT_THE_TOP


def test_every_room_says_what_is_in_it() -> None:
    for init in PACKAGE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(init.read_text("utf-8"))), init


def test_modules_import_each_other_without_a_circle() -> None:
    waiting = {_name(path): _imported(path) - {_name(path)} for path in _modules()}
    while ready := [name for name, needs in waiting.items() if not needs & waiting.keys()]:
        for name in ready:
            del waiting[name]
    assert not waiting, f"in a circle, or above it: {sorted(waiting)}"


@pytest.mark.parametrize("path", [p for p in _modules() if p.parent.name == "worker"], ids=_name)
def test_workers_cannot_name_a_check(path: Path) -> None:
    tops = {name.split(".")[0] for name in _imported(path)}
    assert not tops & UNTRUSTED_MUST_NOT_NAME


@pytest.mark.parametrize("path", [p for p in _modules() if p.parent.name == "report"], ids=_name)
def test_reports_read_results_only(path: Path) -> None:
    allowed = {"result", "errors", "text", "report"}
    assert {name.split(".")[0] for name in _imported(path)} <= allowed


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_scorer_imports_no_tensorflow() -> None:
    loaded = _loaded_by(
        "import autograder.grading.scorer, autograder.runner.plugin, autograder.expect"
    )
    assert not loaded & {"tensorflow", "keras", "IPython", "pandas"}


@pytest.mark.parametrize("arguments", [[], ["--help"], ["grade", "--help"], ["export", "--help"]])
def test_the_command_line_imports_next_to_nothing(arguments: list[str]) -> None:
    call = f"cli.main({arguments}, standalone_mode=False)" if arguments else "cli"
    loaded = _loaded_by(f"from autograder import cli; {call}")
    assert "autograder.cli" in loaded
    assert not loaded & {
        "tensorflow",
        "keras",
        "numpy",
        "pytest",
        "rich",
        "nbgrader",
        "autograder.course.datasets",
    }
