"""Lists the checks of an exercise without running any: their ids, titles and points."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from autograder.course.exercise import Exercise
from autograder.errors import BrokenChecks
from autograder.result import Visibility
from autograder.runner.plugin import run_pytest, title_of


@dataclass(frozen=True, slots=True)
class ListedCheck:
    """A check as its file declares it, before any submission."""

    id: str
    title: str
    points: float
    visibility: Visibility


@dataclass(slots=True)
class _Collector:
    """The plug-in object of one collection."""

    items: list[pytest.Item] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "points(n): what a check is worth")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(report.longreprtext)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.items = list(items)


def checks_of(exercise: Exercise) -> tuple[ListedCheck, ...]:
    """Return the checks of visible.py and hidden.py, in the order in which grading runs them.

    Raises BrokenChecks when a file cannot be collected or a check has no @points.
    """
    files = [path for path in (exercise.visible, exercise.hidden) if path.exists()]
    if not files:
        raise BrokenChecks(f"{exercise.authored} has neither visible.py nor hidden.py")
    collector = _Collector()
    code, printed = run_pytest(files, collector, "--collect-only")
    if collector.broken:
        raise BrokenChecks("\n".join(collector.broken))
    if code != pytest.ExitCode.OK:
        raise BrokenChecks(f"pytest ended with {code!r}:\n{printed}")
    return tuple(_listed(item) for item in collector.items)


def _listed(item: pytest.Item) -> ListedCheck:
    marker = item.get_closest_marker("points")
    if marker is None:
        raise BrokenChecks(f"{item.nodeid} has no @points")
    visible = item.path.name == "visible.py"
    return ListedCheck(
        item.name,
        title_of(item),
        float(marker.args[0]),
        Visibility.VISIBLE if visible else Visibility.HIDDEN,
    )
