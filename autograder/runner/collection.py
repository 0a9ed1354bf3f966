"""Lists the checks of an exercise without running any, and what is missing for them to run."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType

import pytest

from autograder.checks.trained_model.needed import needed_thresholds
from autograder.course.exercise import Exercise
from autograder.errors import BrokenChecks
from autograder.result import Visibility
from autograder.runner.outcome import title_of
from autograder.runner.plugin import fixtures_of_a_grading, run_pytest

__all__ = ["Collected", "ListedCheck", "checks_of", "collect"]


@dataclass(frozen=True, slots=True)
class ListedCheck:
    """A check as its file declares it, before any submission."""

    id: str
    title: str
    points: float
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class Collected:
    """The checks of an exercise that can run, and a sentence for each that cannot.

    `thresholds` are the names of those that the kit's fixtures of these checks ask for.
    """

    checks: tuple[ListedCheck, ...]
    faults: tuple[str, ...]
    thresholds: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)  # pytest before 9.1 wants to hash it
class _Collector:
    """The plug-in object of one collection."""

    checks: list[ListedCheck] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    thresholds: set[str] = field(default_factory=set)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(fixtures_of_a_grading(), "autograder fixtures")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.faults.append(report.longreprtext)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            marker = item.get_closest_marker("points")
            if marker is None:
                self.faults.append(
                    f"{_place(item)}: {item.nodeid} has no @points. Write @points(1) above it: "
                    "a check is worth a positive number of points."
                )
            else:
                visible = item.path.name == "visible.py"
                visibility = Visibility.VISIBLE if visible else Visibility.HIDDEN
                worth = float(marker.args[0])
                self.checks.append(ListedCheck(item.name, title_of(item), worth, visibility))
            self.faults += _missing_fixtures(item)
            fixtures = getattr(item, "fixturenames", ())  # with those that these need
            self.thresholds |= needed_thresholds(_modules(item), fixtures)


def checks_of(exercise: Exercise) -> tuple[ListedCheck, ...]:
    """Return the checks of visible.py and hidden.py, in the order in which grading runs them.

    Raises BrokenChecks where a check cannot run.
    """
    found = collect(exercise)
    if found.faults:
        raise BrokenChecks("\n".join(found.faults))
    return found.checks


def collect(exercise: Exercise) -> Collected:
    """Collect the checks of visible.py and hidden.py; the code of these files runs.

    A fault is a file that cannot be collected, a check without points, or a fixture that a check
    needs and that is not there. Raises BrokenChecks where there are no files.
    """
    files = [path for path in (exercise.visible, exercise.hidden) if path.exists()]
    if not files:
        raise BrokenChecks(f"{exercise.authored} has neither visible.py nor hidden.py")
    collector = _Collector()
    code, printed = run_pytest(files, collector, "--collect-only")
    faults = list(dict.fromkeys(collector.faults))  # a fixture may be missing for many checks
    if code != pytest.ExitCode.OK and not faults:
        faults.append(f"pytest ended with {code!r}:\n{printed}")
    return Collected(tuple(collector.checks), tuple(faults), frozenset(collector.thresholds))


def _missing_fixtures(item: pytest.Item) -> Iterator[str]:
    """Yield a sentence for each fixture that a check needs, directly or not, and that is not there.

    pytest has no public list of what it found for a name; it keeps it in `_fixtureinfo`.
    """
    info = getattr(item, "_fixtureinfo", None)
    if info is None:
        return
    found = info.name2fixturedefs
    given = {"request", *getattr(getattr(item, "callspec", None), "params", {})}
    for name in info.names_closure:
        if name in found or name in given:
            continue
        asking = [n for n, several in found.items() if name in several[-1].argnames]
        asks = f"the fixture {asking[0]!r}" if asking else f"the check {item.name}"
        function = found[asking[0]][-1].func if asking else getattr(item, "function", None)
        known = _known_fixtures(item)
        near = difflib.get_close_matches(name, known, 1)
        hint = f"Did you mean {near[0]!r}?" if near else "Write it in conftest.py."
        yield (
            f"{_place(item, function)}: {asks} asks for a fixture {name!r}, which is not there; "
            f"known: {', '.join(known)}. {hint}"
        )


def _holders(item: pytest.Item) -> list[object]:
    """Return what may hold fixtures of a check: the plug-ins, conftest.py, and its own file."""
    module = item.getparent(pytest.Module)
    plugins = [plugin for _, plugin in item.config.pluginmanager.list_name_plugin()]
    return plugins if module is None else [*plugins, module.obj]


def _modules(item: pytest.Item) -> list[ModuleType]:
    return [holder for holder in _holders(item) if isinstance(holder, ModuleType)]


def _known_fixtures(item: pytest.Item) -> list[str]:
    """Return the names of the fixtures that are the exercise's own or the autograder's."""
    names: set[str] = set()
    for holder in _holders(item):
        kind = holder if isinstance(holder, ModuleType) else type(holder)
        if not kind.__name__.startswith("_pytest."):
            names |= {name for name, thing in vars(kind).items() if _is_fixture(thing)}
    return sorted(names)


def _is_fixture(thing: object) -> bool:
    # A type since pytest 8.4, a function with an attribute before.
    return type(thing).__name__ == "FixtureFunctionDefinition" or hasattr(
        thing, "_pytestfixturefunction"
    )


def _place(item: pytest.Item, function: object = None) -> str:
    """Return the file and line of a check or of a fixture's function."""
    code = getattr(function or getattr(item, "function", None), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else str(item.path)
