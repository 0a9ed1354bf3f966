"""A warm template that several commands share, so that only the first command waits for its start.

`autograder warm` starts the template and names it in an environment variable; every command that
runs below it grades in that template instead of starting another.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from autograder.errors import SandboxError
from autograder.sandbox import confine
from autograder.sandbox.code_digest import code_digest
from autograder.sandbox.launch import environment, station
from autograder.sandbox.spawn import Station

__all__ = ["VARIABLE", "shared_station", "warm_station"]

VARIABLE = "AUTOGRADER_WARM_SANDBOX"
"""The environment variable that leads to a shared template; its value is JSON."""

_LOG = logging.getLogger(__name__)


@contextmanager
def shared_station() -> Iterator[Mapping[str, str]]:
    """Start a template for the length of the block; yield the variable that leads to it."""
    with station() as place:
        where = {
            "address": place.address,
            "scratch_root": place.scratch_root,
            "started_as": _fingerprint(),
        }
        yield {VARIABLE: json.dumps(where)}


@contextmanager
def warm_station() -> Iterator[Station]:
    """Yield the shared template; start one for the length of the block where none can be used.

    A shared template is used if this process would start the same: with the same package code,
    interpreter, libraries and environment.
    """
    place = _shared(os.environ.get(VARIABLE, ""))
    if place is not None:
        yield place
        return
    with station() as started:
        yield started


def _shared(value: str) -> Station | None:
    if not value:
        return None
    try:
        where = json.loads(value)
        place = Station(where["address"], where["scratch_root"])
        fits = where["started_as"] == _fingerprint()
    except (ValueError, TypeError, KeyError):
        _LOG.warning("%s is not what `autograder warm` writes: it is left aside", VARIABLE)
        return None
    if not fits:
        _LOG.warning(
            "the warm sandbox was started with other code or libraries: a new sandbox starts"
        )
        return None
    try:
        place.lease().close()
    except SandboxError:
        _LOG.warning("the warm sandbox has ended: a new sandbox starts")
        return None
    return place


def _fingerprint() -> str:
    """Return a digest of all that decides what a template is."""
    paths = [str(path) for path in confine.code_paths()]
    parts = json.dumps([code_digest(), paths, environment()], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()
