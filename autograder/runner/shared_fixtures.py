"""Makes the fixtures marked `@shared` before any submission comes.

A baseline on held-out rows, for instance, is the same for every submission. Made once, in the
process that forks for each submission, a shared fixture costs a class its time once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType

import pytest

from autograder.checks.sharing import is_shared
from autograder.errors import BrokenChecks, StartsThreads

__all__ = ["prepare"]

_NEEDS_SUBMISSION = (
    "the fixture {name!r} is marked @shared and so made before any submission comes, but it needs "
    "the submission or the reference, directly or through another fixture: mark it with "
    '@pytest.fixture(scope="session") instead, which makes it for each submission'
)


def prepare(session: pytest.Session) -> list[str]:
    """Make the shared fixtures of the session's checks; return what their author has to mend.

    The error of a fixture that raises is raised again in the check that needs the fixture, and
    reported there as the grader's own. `student` and `reference` raise BrokenChecks before a
    submission has arrived: a shared fixture that needs them is its author's mistake. Raises
    StartsThreads.
    """
    before = _threads()
    complaints: list[str] = []
    modules = {item.getparent(pytest.Module): None for item in session.items}
    items = [_item(module, complaints) for module in modules if module is not None]
    # All are of one session, so a fixture that is made for it stays.
    for item, following in pairwise([*items, session.items[0]]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    if _threads() > before:
        raise StartsThreads(
            "a session fixture that needs no submission starts threads (does it use TensorFlow?), "
            "which a fork would not have; with scope='module' it is made for each submission"
        )
    return complaints


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _item(module: pytest.Module, complaints: list[str]) -> pytest.Item:
    """Return an item that makes the shared fixtures which the checks of `module` can see."""

    def make(request: pytest.FixtureRequest) -> None:
        for name in _shared(module):
            try:
                with contextlib.suppress(pytest.fail.Exception, pytest.skip.Exception):
                    request.getfixturevalue(name)
            except BrokenChecks:
                complaints.append(_NEEDS_SUBMISSION.format(name=name))
            except Exception:  # the check that needs the fixture reports it
                continue

    item: pytest.Function = pytest.Function.from_parent(module, name="shared", callobj=make)
    item.fixturenames[:] = ["request"]  # no fixture that is meant for every check
    return item


def _shared(module: pytest.Module) -> Iterator[str]:
    """Yield the names of shared fixtures; what a module defines hides what conftest.py does."""
    plugins = [plugin for _, plugin in module.config.pluginmanager.list_name_plugin()]
    visible: dict[str, object] = {}
    for holder in (*reversed(plugins), module.obj):  # conftest.py is listed before its plug-ins
        visible |= vars(holder) if isinstance(holder, ModuleType) else {}
    yield from (name for name, thing in visible.items() if is_shared(thing))
