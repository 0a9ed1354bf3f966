"""Runs nbgrader's own tests with our preprocessors and compares the failures with the known ones.

python scripts/nbgrader_upstream.py [--module MODULE]...

tests/nbgrader/upstream/exceptions.txt names every test that may fail, with the reason. The script
exits with 1 when another test fails, and also when a named test passes or is not there any more:
the list is exact.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbgrader

UPSTREAM = Path(__file__).parent.parent / "tests" / "nbgrader" / "upstream"
EXCEPTIONS = UPSTREAM / "exceptions.txt"
MODULES = (
    "nbgrader.tests.apps.test_nbgrader_autograde",
    "nbgrader.tests.apps.test_nbgrader_validate",
    "nbgrader.tests.apps.test_api",
    "nbgrader.tests.apps.test_nbgrader_generate_feedback",
    "nbgrader.tests.test_validator",
    "nbgrader.tests.preprocessors",
)


def exceptions(text: str) -> frozenset[str]:
    """Return the names of tests in the text of exceptions.txt; `#` begins a comment."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)


def outcomes(report: str) -> dict[str, bool]:
    """Return for each test of a JUnit report whether it passed; skipped tests are left out."""
    return dict(_outcomes(ET.fromstring(report)))


def _outcomes(root: ET.Element) -> Iterator[tuple[str, bool]]:
    for case in root.iter("testcase"):
        if case.find("skipped") is None:
            passed = case.find("failure") is None and case.find("error") is None
            yield f"{case.get('classname')}.{case.get('name')}", passed


def problems(
    passed: dict[str, bool], known: frozenset[str], modules: Sequence[str]
) -> Iterator[str]:
    """Yield a line for each test that does not do what the list says.

    Names in `known` outside of `modules` are not expected to have run.
    """
    for name, good in sorted(passed.items()):
        if not good and name not in known:
            yield f"fails, and is not in the list: {name}"
    for name in sorted(known):
        if any(name.startswith(f"{module}.") for module in modules):
            if name not in passed:
                yield f"is in the list, and did not run: {name}"
            elif passed[name]:
                yield f"is in the list, and passes: {name}"


def run(modules: Sequence[str], report: Path) -> None:
    """Run nbgrader's tests in a process of its own and write a JUnit report."""
    paths = os.pathsep.join(filter(None, (str(UPSTREAM), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "sandboxed_nbgrader"]
    # Neither our configuration of pytest nor our conftest.py is meant for these tests. Below the
    # folder that holds nbgrader a test is named by its module.
    above = Path(nbgrader.__file__).parents[1]
    command += ["-c", os.devnull, "--rootdir", str(above), "-p", "no:cacheprovider"]
    command += [f"--junitxml={report}", "-o", "junit_family=xunit1", "--pyargs", *modules]
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(command, cwd=empty, env={**os.environ, "PYTHONPATH": paths})
    if done.returncode not in (0, 1):  # 1: some tests failed, which the list may allow
        sys.exit(f"pytest itself ended with {done.returncode}")


def main() -> int:
    """Run the tests and print what differs from the list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", action="append", help="default: all that the list is about")
    modules = parser.parse_args().module or MODULES
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        run(modules, report)
        passed = outcomes(report.read_text("utf-8"))
    found = list(problems(passed, exceptions(EXCEPTIONS.read_text("utf-8")), modules))
    for line in found:
        print(line)
    failed = sum(not good for good in passed.values())
    print(f"{len(passed)} tests, {failed} failed, {len(found)} not as the list says")
    return 1 if found or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
