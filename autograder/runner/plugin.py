"""The pytest plug-in: gives checks their fixtures and turns their outcomes into Check values."""

from __future__ import annotations

import contextlib
import hmac
import io
import os
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pytest

from autograder.checks.thresholds import Measured, Thresholds
from autograder.course.datasets import DEMO_KEY
from autograder.errors import BrokenChecks, SandboxError
from autograder.proxies.discretion import Discretion
from autograder.proxies.student import Student
from autograder.result import Check, Outcome, Visibility
from autograder.runner import shared_fixtures
from autograder.runner.outcome import bounded, evidence_of, outcome_of, title_of

_PRINTED = 6000  # characters
_MACHINE = (SandboxError, OSError, EOFError, MemoryError, ImportError, SystemError)
"""What a check raises where the grader's machine failed: no value of a student's is the cause."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The fixtures that are there before any submission is.

    `key` is the course's: the random generators of checks are drawn from it.
    """

    data: Callable[[str], Any]
    thresholds: Thresholds
    key: bytes = DEMO_KEY


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The fixtures of a submission: its Student, and the reference's where there is a reference.

    `discretion` is the Student's: it learns when the first hidden check begins.
    """

    student: Student
    reference: Callable[[], Student] | None = None
    discretion: Discretion = field(default_factory=Discretion)


@dataclass(slots=True, eq=False)  # pytest before 9.1 wants to hash it
class _CheckPlugin:
    """One session's plug-in object; a submission arrives when the checks are about to run."""

    shared: Shared
    arrive: Callable[[], Fixtures]
    is_reused: bool = False
    arrived: Fixtures | None = None
    checks: dict[str, Check] = field(default_factory=dict)
    collected: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    measured: dict[str, list[Measured]] = field(default_factory=dict)

    @property
    def submission(self) -> Fixtures:
        """The submission's fixtures; raises BrokenChecks before a submission has arrived."""
        if self.arrived is None:
            raise BrokenChecks("a fixture needs the submission before it has arrived")
        return self.arrived

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if not session.items or session.testsfailed or self.broken:
            return None
        if session.config.option.collectonly:
            return None
        if self.is_reused:
            self.broken += shared_fixtures.prepare(session)
            if self.broken:
                return True  # the loop is over: no check can run
        self.arrived = self.arrive()
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self.arrived is not None and not _is_visible(item):
            self.arrived.discretion.hide()

    @pytest.fixture(scope="session")
    def student(self) -> Student:
        """The submission's functions."""
        return self.submission.student

    @pytest.fixture(scope="session")
    def data(self) -> Callable[[str], Any]:
        """Named data sets, split by the course's key."""
        return self.shared.data

    @pytest.fixture(scope="session")
    def reference(self) -> Student:
        """The reference solution's functions, confined like a student's."""
        if self.submission.reference is None:
            pytest.fail("the fixture 'reference' belongs into hidden.py: students have none")
        return self.submission.reference()

    @pytest.fixture(scope="session")
    def optional_reference(self, request: pytest.FixtureRequest) -> Student | None:
        """The reference solution's functions; None in a student's own check."""
        return request.getfixturevalue("reference") if self.submission.reference else None

    @pytest.fixture(scope="session")
    def thresholds(self) -> Thresholds:
        """The exercise's thresholds, by name."""
        return self.shared.thresholds

    @pytest.fixture(scope="session")
    def rng_of(self) -> Callable[[str], np.random.Generator]:
        """A function of a name that returns a random generator, for fixtures of the session.

        It is seeded by the name and the course's key, so that no student can know what it draws.
        """

        def named(name: str) -> np.random.Generator:
            digest = hmac.digest(self.shared.key, name.encode(), "sha256")
            return np.random.default_rng(int.from_bytes(digest, "big"))

        return named

    @pytest.fixture
    def rng(
        self, request: pytest.FixtureRequest, rng_of: Callable[[str], np.random.Generator]
    ) -> np.random.Generator:
        """A random generator of this check's own: it draws the same for every submission."""
        return rng_of(f"check {request.node.name}")

    @pytest.fixture
    def record(self, request: pytest.FixtureRequest) -> Callable[[Measured], None]:
        """A function of a Measured: the check's outcome rests on this measurement."""
        return self.measured.setdefault(request.node.nodeid, []).append

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "points(n): what a check is worth")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(report.longreprtext)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.collected = [item.nodeid for item in items]
        for item in items:
            if item.get_closest_marker("points") is None:
                self.broken.append(f"{item.nodeid} has no @points")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if item.nodeid not in self.collected:  # an item that makes shared fixtures
            return report
        if report.when == "teardown" and not report.failed:
            return report
        if report.failed or report.when == "call":
            self._note(item, call, report)
        return report

    def _note(
        self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
    ) -> None:
        marker = item.get_closest_marker("points")
        worth = float(marker.args[0]) if marker else 0.0
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, _MACHINE):
            self.broken.append(evidence_of(error, report, item.path.parent))
        outcome, earned, message = outcome_of(error, worth)
        where = item.path.parent
        measured = self.measured.get(item.nodeid, [])
        self.checks[item.nodeid] = Check(
            id=item.name,
            title=title_of(item),
            visibility=Visibility.VISIBLE if _is_visible(item) else Visibility.HIDDEN,
            outcome=outcome,
            points=earned,
            max_points=worth,
            message=bounded(message),
            evidence="" if outcome is Outcome.PASSED else evidence_of(error, report, where),
            seconds=round(float(report.duration), 3),
            borderline=any(measurement.borderline for measurement in measured),
            measures=tuple(measurement.told() for measurement in measured),
        )


def _is_visible(item: pytest.Item) -> bool:
    return item.path.name == "visible.py"


def run_checks(files: Sequence[Path], shared: Shared, submission: Fixtures) -> list[Check]:
    """Run these check files against one submission and return a Check for each, in their order.

    Raises BrokenChecks when the files cannot be collected, or a check vanished on the way.
    """
    return _run(files, _CheckPlugin(shared, lambda: submission))


def run_collected(
    files: Sequence[Path], shared: Shared, arrive: Callable[[], Fixtures]
) -> list[Check]:
    """Collect these check files, call `arrive` for a submission, and go on as `run_checks` does.

    `arrive` may fork the process for each submission: the collected checks and the fixtures
    marked `@shared` are then made once for all of them. Raises BrokenChecks.
    """
    return _run(files, _CheckPlugin(shared, arrive, is_reused=True))


def _run(files: Sequence[Path], plugin: _CheckPlugin) -> list[Check]:
    code, printed = run_pytest(files, plugin, "--assert=plain", "--showlocals", "--tb=short")
    if plugin.broken:
        raise BrokenChecks("\n".join(plugin.broken))
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not plugin.collected:
        raise BrokenChecks(f"pytest ended with {code!r}:\n{printed[-_PRINTED:]}")
    missing = [nodeid for nodeid in plugin.collected if nodeid not in plugin.checks]
    if missing:
        raise BrokenChecks(f"checks without an outcome: {', '.join(missing)}")
    return [plugin.checks[nodeid] for nodeid in plugin.collected]


def fixtures_of_a_grading() -> object:
    """Return a plug-in with the fixtures that checks get, for a session that only collects."""

    def never(*_: str) -> Fixtures:
        raise BrokenChecks("nothing is graded while checks are only collected")

    return _CheckPlugin(Shared(never, Thresholds([])), never)


def run_pytest(files: Sequence[Path], plugin: object, *options: str) -> tuple[int, str]:
    """Run pytest on check files of one folder; return its exit code and what it printed.

    That folder and `plugin` alone decide how pytest runs: no settings file, no cache, no installed
    plug-in.
    """
    folder = files[0].parent
    arguments = [
        *map(str, files),
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
        f"--config-file={os.devnull}",
        *("--import-mode=importlib", "-q", *options),
        *("-p", "no:cacheprovider", "-p", "no:faulthandler", "--capture=no"),
        # These two collect all garbage when a run begins and ends: most of a small grading's time.
        *("-p", "no:unraisableexception", "-p", "no:threadexception"),
    ]
    _forget_modules({path.name.partition("::")[0] for path in files} | {"conftest.py"})
    printed, errors = io.StringIO(), _Heard(sys.stderr)
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(errors),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        code = pytest.main(arguments, plugins=[plugin])
    # What is wrong with a conftest.py stands on stderr alone.
    return int(code), printed.getvalue() + errors.getvalue()


class _Heard(io.StringIO):
    """Keeps what is written and passes it on."""

    def __init__(self, beneath: TextIO) -> None:
        super().__init__()
        self._beneath = beneath

    def write(self, text: str) -> int:
        self._beneath.write(text)
        return super().write(text)

    def fileno(self) -> int:  # a library may ask for it
        return self._beneath.fileno()


def _forget_modules(names: set[str]) -> None:
    """Drop check modules of an earlier run: pytest would reuse any of the same module name."""
    stems = {name.removesuffix(".py") for name in names}
    for name in [name for name in sys.modules if name.rpartition(".")[2] in stems]:
        del sys.modules[name]
