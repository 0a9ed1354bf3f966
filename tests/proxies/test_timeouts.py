"""Time limits: a floor, then a multiple of what the reference computes here.

Properties: processor time decides, whatever the machine does beside it; a call that computes
without end is ended, and so is a call that waits without end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.proxies.timeouts import CallTimeout, ReferenceTiming
from autograder.sandbox.allowance import ProcessorSeconds, Seconds, Usage


def _until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def _limit(measure: Callable[[], Mapping[str, float]]) -> CallTimeout:
    return CallTimeout("train", 30.0, 5.0, 10.0, ReferenceTiming(measure))


def _timed(seconds: float) -> CallTimeout:
    """Return a limit whose reference has been timed."""
    limit = _limit(lambda: {"train": seconds})
    assert limit.reference is not None
    assert _until(lambda: limit.reference is not None and limit.reference.seconds("x") is not None)
    return limit


def _busy(seconds: float) -> Usage:
    """Return what a call has used that computes all the time on an idle machine."""
    return Usage(seconds, seconds)


def test_below_the_floor_the_reference_is_never_timed() -> None:
    asked: list[int] = []

    def ask() -> dict[str, float]:
        asked.append(1)
        return {}

    limit = _limit(ask)
    for used in (Usage(), _busy(30.0), Usage(300.0, 29.0), Usage(29.0, 500.0)):
        assert not limit.broken(used)
    assert not asked


def test_nobody_is_stopped_while_the_reference_is_being_timed() -> None:
    ready = threading.Event()
    limit = _limit(lambda: {"train": 10.0} if ready.wait(10) else {})
    assert not limit.broken(_busy(10_000.0))
    ready.set()
    assert _until(lambda: bool(limit.broken(_busy(10_000.0))))


def test_a_slow_reference_lifts_the_limit_and_a_fast_one_does_not_lower_it() -> None:
    slow, fast = _timed(10.0), _timed(0.1)
    assert slow.broken(_busy(51.0))
    assert not slow.broken(_busy(49.0))
    assert fast.broken(_busy(30.5))
    assert not fast.broken(_busy(30.0))


def test_a_call_that_waits_has_ten_times_as_long() -> None:
    slow, fast = _timed(10.0), _timed(0.1)
    assert not fast.broken(Usage(300.0, 1.0))
    assert "300 seconds by the clock" in fast.broken(Usage(301.0, 1.0))
    assert not slow.broken(Usage(500.0, 1.0))
    assert "300 seconds by the clock" in slow.broken(Usage(501.0, 1.0))
    assert "by the clock" in slow.broken(Usage(501.0, 40.0))


def test_the_words_are_the_same_on_every_machine() -> None:
    words = (
        "more than 30 seconds of processor time, or 5 times what the instructor's solution takes"
    )
    assert _timed(10.0).broken(_busy(51.0)) == _timed(0.1).broken(_busy(99.0)) == words


def test_a_function_the_reference_never_calls_has_the_floor() -> None:
    limit = _limit(lambda: {"build_model": 100.0})
    assert _until(lambda: bool(limit.broken(_busy(31.0))))


def test_a_failed_measurement_is_not_held_against_the_student() -> None:
    def fail() -> Mapping[str, float]:
        raise ConnectionResetError("the batch has ended")

    limit = _limit(fail)

    def raised() -> bool:
        try:
            return bool(limit.broken(_busy(31.0)))
        except ConnectionResetError:
            return True

    assert _until(raised)
    with pytest.raises(ConnectionResetError):
        limit.broken(_busy(31.0))


def test_without_a_reference_the_floor_is_the_limit() -> None:
    limit = CallTimeout("train", 2.0, 5.0, 10.0)
    assert not limit.broken(_busy(2.0))
    assert limit.broken(_busy(2.1)) == "more than 2 seconds of processor time"


def test_seconds_by_the_clock() -> None:
    assert not Seconds(3.0).broken(Usage(3.0, 99.0))
    assert Seconds(3.0).broken(Usage(3.1)) == "more than 3 seconds"


seconds = st.floats(0.01, 1e4)


@given(seconds, seconds, st.floats(1.0, 9.0), st.integers(1, 64))
def test_a_busy_machine_and_many_threads_decide_nothing(
    limit: float, computed: float, load: float, threads: int
) -> None:
    """A call that computes less than its limit goes on, however slow the machine makes it."""
    allowance = ProcessorSeconds(limit, 10.0)
    loaded = Usage(computed * load / threads, computed)
    if computed <= limit:
        assert not allowance.broken(loaded)
    elif loaded.clock > limit:
        assert "processor" in allowance.broken(loaded)
    assert allowance.broken(Usage(10.1 * max(limit, computed), computed))
