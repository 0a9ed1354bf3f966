"""A process that builds one Shell and runs cells in forks of it, as the warm template does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.worker.cells import CellReport

DRIVER = Path(__file__).with_name("shell_driver.py")


@dataclass
class Driver:
    process: subprocess.Popen[str]
    folder: str | None = None
    released: tuple[str, ...] = ()

    def ask(self, request: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def run(
        self,
        *sources: Any,
        wanted: Any = (),
        skip: Any = (),
        cell_seconds: Any = 20.0,
        total_seconds: Any = 60.0,
    ) -> Any:
        cells = [{"source": s, "skip": n in skip} for n, s in enumerate(sources)]
        answer = self.ask(
            {
                "cells": cells,
                "wanted": list(wanted),
                "cell_seconds": cell_seconds,
                "total_seconds": total_seconds,
                "folder": self.folder,
                "released": self.released,
            }
        )
        reports = [CellReport.from_value(report) for report in answer["reports"]]
        return SimpleNamespace(reports=reports, found=answer["found"], state=answer["state"])


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home)}
    for name in ("IPYTHONDIR", "MPLBACKEND", "MPLCONFIGDIR"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, str(DRIVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=DRIVER.parents[2],
        env={**environment, "PYTHONPATH": str(DRIVER.parents[2])},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    yield Driver(process)
    process.stdin.close()
    process.wait(10)
    process.stdout.close()
