"""A student who checks plain functions does not wait for TensorFlow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.exercise import Root
from autograder.notebooks import reader

ROOT = Root(Path(__file__).parents[2])

# Runs a check, and says what was imported.
DRIVER = """
import json, sys
from click.testing import CliRunner
from autograder.cli import main
done = CliRunner().invoke(main, ["check", sys.argv[1], "--root", sys.argv[2]])
loaded = [name for name in ("keras", "tensorflow") if name in sys.modules]
print(json.dumps({"code": done.exit_code, "output": done.output, "loaded": loaded}))
"""


def checked(file: Path) -> dict[str, object]:
    command = [sys.executable, "-c", DRIVER, str(file), str(ROOT.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def names_keras(name: str) -> bool:
    solution = ROOT.exercise(name).solution
    code = reader.read(solution.read_bytes(), solution.suffix).code
    return any("keras" in cell.source for cell in code)


@pytest.mark.parametrize("name", [name for name in ROOT.names() if not names_keras(name)])
def test_checks_of_plain_functions_import_no_keras(name: str, tmp_path: Path) -> None:
    answer = tmp_path / f"{name}.py"
    answer.write_bytes(ROOT.exercise(name).solution.read_bytes())
    told = checked(answer)
    assert told["code"] == 0, told["output"]
    assert told["loaded"] == []


@pytest.mark.slow
def test_calls_are_seeded_without_keras_as_with_it(tmp_path: Path) -> None:
    """NumPy and Python draw the same in a call, whether Keras is there or not."""
    drawn = (
        "import random\nimport numpy as np\n"
        "def causal_mask(n):\n    raise ValueError((np.random.random(), random.random()))\n"
    )
    told = []
    for first in ("import math\n", "import keras\n"):
        answer = tmp_path / "attention.py"
        answer.write_text(first + drawn, "utf-8")
        told.append(checked(answer))
    alone, beside = told
    assert (alone["loaded"], beside["loaded"]) == ([], ["keras", "tensorflow"])
    lines = [str(one["output"]).split("ValueError: ")[1].split(" (line")[0] for one in told]
    assert lines[0] == lines[1]
