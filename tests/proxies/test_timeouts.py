"""Time limits: a floor, then a multiple of what the reference takes here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

import pytest

from autograder.proxies.timeouts import CallTimeout, ReferenceTiming


def _until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def _pace(measure: Callable[[], Mapping[str, float]]) -> CallTimeout:
    return CallTimeout("train", floor=30.0, slowness=5.0, reference=ReferenceTiming(measure))


def test_below_the_floor_the_reference_is_never_timed() -> None:
    asked: list[int] = []

    def ask() -> dict[str, float]:
        asked.append(1)
        return {}

    pace = _pace(ask)
    assert not pace.spent(0.0)
    assert not pace.spent(30.0)
    assert not asked


def test_nobody_is_stopped_while_the_reference_is_being_timed() -> None:
    ready = threading.Event()
    pace = _pace(lambda: {"train": 10.0} if ready.wait(10) else {})
    assert not pace.spent(10_000.0)
    ready.set()
    assert _until(lambda: pace.spent(10_000.0))


def test_a_slow_reference_lifts_the_limit_and_a_fast_one_does_not_lower_it() -> None:
    slow, fast = _pace(lambda: {"train": 10.0}), _pace(lambda: {"train": 0.1})
    assert _until(lambda: slow.spent(51.0))
    assert not slow.spent(49.0)
    assert _until(lambda: fast.spent(30.5))
    assert not fast.spent(30.0)


def test_a_function_the_reference_never_calls_has_the_floor() -> None:
    pace = _pace(lambda: {"build_model": 100.0})
    assert _until(lambda: pace.spent(31.0))


def test_a_failed_measurement_is_not_held_against_the_student() -> None:
    def fail() -> Mapping[str, float]:
        raise ConnectionResetError("the batch has ended")

    pace = _pace(fail)

    def raised() -> bool:
        try:
            return pace.spent(31.0)
        except ConnectionResetError:
            return True

    assert _until(raised)
    with pytest.raises(ConnectionResetError):
        pace.spent(31.0)


def test_without_a_reference_the_floor_is_the_limit() -> None:
    pace = CallTimeout("train", floor=2.0, slowness=5.0)
    assert not pace.spent(2.0)
    assert pace.spent(2.1)
