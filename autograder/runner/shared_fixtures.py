"""Finds and makes, before any submission comes, the fixtures that all of them share.

A session fixture that needs data alone, such as what an unseen data set measures, is the same for
every submission. Made once in the process that forks for them, it costs a class its time once.
"""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from _pytest.fixtures import FuncFixtureInfo

from autograder.errors import StartsThreads

_Definitions = Mapping[str, Sequence[pytest.FixtureDef[object]]]


def prepare(session: pytest.Session, plugin: str, provided: Collection[str]) -> None:
    """Make the session fixtures of the session's checks that need no submission.

    Of the fixtures in the module `plugin` they may need those that are `provided` already. One
    that raises is left to the check that needs it: the error is the same there, and told as the
    grader's own. Raises StartsThreads.
    """
    before = _threads()
    shared = _shared(session.items, plugin, provided)
    items = [_item(module, names) for module, names in shared.items() if names]
    # All are of one session, so what is made for it stays.
    for item, following in pairwise([*items, session.items[0]]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    if _threads() > before:
        raise StartsThreads(
            "a session fixture that needs no submission starts threads (does it use TensorFlow?), "
            "which a fork would not have; with scope='module' it is made for each submission"
        )


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _item(module: pytest.Module, names: Sequence[str]) -> pytest.Item:
    def make(request: pytest.FixtureRequest) -> None:
        for name in names:
            with contextlib.suppress(Exception, pytest.fail.Exception, pytest.skip.Exception):
                request.getfixturevalue(name)

    # Told what it asks for, pytest adds no fixture that is meant for every check.
    asks = FuncFixtureInfo(("request",), ("request",), ["request"], {})
    item: pytest.Item = pytest.Function.from_parent(
        module, name="shared fixtures", callobj=make, fixtureinfo=asks
    )
    return item


def _shared(
    checks: Sequence[pytest.Item], plugin: str, provided: Collection[str]
) -> dict[pytest.Module, list[str]]:
    """Return the names of shared fixtures by the module that can see them."""
    found: dict[pytest.Module, list[str]] = {}
    for check in checks:
        module = check.getparent(pytest.Module)
        if module is None or not isinstance(check, pytest.Function):
            continue
        known: _Definitions = check._fixtureinfo.name2fixturedefs  # nothing public tells
        ours = {name for name, ones in known.items() if ones[-1].func.__module__ == plugin}
        needs = _Needs(known, frozenset(ours.difference(provided)))
        names = found.setdefault(module, [])
        names += [n for n in known if n not in names and needs.no_submission(n)]
    return found


@dataclass(frozen=True, slots=True)
class _Needs:
    """What the fixtures of a check need, directly or not; `later` are not to be had yet."""

    known: _Definitions
    later: frozenset[str]

    def no_submission(self, name: str, asking: frozenset[str] = frozenset()) -> bool:
        """Tell whether a fixture can be made without one; `request` could ask for anything.

        What a fork would tidy up after its `yield` is its own, and so is what a class defines.
        """
        if name not in self.known or name in self.later or name in asking:
            return False
        one = self.known[name][-1]
        if inspect.isgeneratorfunction(one.func) or "::" in one.baseid:
            return False
        asked = asking | {name}
        return one.scope == "session" and all(
            self.no_submission(argument, asked) for argument in one.argnames
        )
