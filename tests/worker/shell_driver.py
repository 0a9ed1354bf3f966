"""Builds one Shell, then forks it for every request: what the warm template does with it.

Reads requests as JSON lines on standard input and answers in JSON lines on standard output.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from autograder.worker.cells import Cell
from autograder.worker.shell import Shell


def state() -> dict[str, Any]:
    """What building or running a shell may have left behind."""
    home = os.environ["HOME"]
    return {
        "threads": len(os.listdir("/proc/self/task")),
        "files": sorted(os.path.join(at, name) for at, _, names in os.walk(home) for name in names),
        "loaded": sorted({"keras", "tensorflow", "sqlite3", "matplotlib"} & sys.modules.keys()),
    }


def answer(shell: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Run one request's cells and evaluate what it wants to know of the namespace.

    `answer(name)` is the function that a check would call by this name.
    """
    if request["folder"]:
        os.chdir(request["folder"])
    cells = [Cell.from_value(cell) for cell in request["cells"]]
    reports = shell.run(
        cells,
        cell_seconds=request["cell_seconds"],
        total_seconds=request["total_seconds"],
        released=request["released"],
    )
    found = {}
    if any("answer(" in wanted for wanted in request["wanted"]):
        from autograder.worker.seeds import Entropy
        from autograder.worker.student import StudentWorker  # imports NumPy, which starts threads

        shell.namespace["answer"] = StudentWorker(shell, Entropy()).function
    for wanted in request["wanted"]:
        try:
            found[wanted] = eval(wanted, shell.namespace)
        except NameError:
            found[wanted] = "missing"
    return {"reports": [report.to_value() for report in reports], "found": found, "state": state()}


def serve(shell: Any, request: dict[str, Any], out: Any) -> None:
    """Answer in the fork, and end it whatever happens."""
    try:
        print(json.dumps(answer(shell, request)), file=out, flush=True)
        os._exit(0)
    finally:
        os._exit(1)


def main() -> None:
    """Serve requests until standard input ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    shell = Shell()
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("fresh"):
            print(json.dumps(state()), file=out, flush=True)
            continue
        child = os.fork()
        if not child:
            serve(shell, request, out)
        _, status = os.waitpid(child, 0)
        if status:
            print(json.dumps({"child": status}), file=out, flush=True)


main()
