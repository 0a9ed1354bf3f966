"""How many submissions of a batch are handed over at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from autograder.grading.batch import Batch


def test_there_are_never_more_than_there_is_room_for() -> None:
    room = iter([1, 1, 4, 0, 2, *[3] * 100])
    allowed = handed = done = 0

    def at_once() -> int:
        nonlocal allowed
        allowed = next(room)
        return allowed

    with ThreadPoolExecutor(8) as executor:

        def submit(item: int) -> Future[int]:
            nonlocal handed
            handed += 1
            assert handed - done <= allowed
            return executor.submit(lambda: item * item)

        found = {}
        for item, square in Batch(range(20), submit, at_once):
            done += 1
            found[item] = square
    assert found == {item: item * item for item in range(20)}


def test_a_place_that_grows_is_filled_and_no_item_is_read_before_its_turn() -> None:
    gate, read, room = threading.Event(), list[int](), 2

    def items() -> Iterator[int]:
        for item in range(12):
            read.append(item)
            yield item

    with ThreadPoolExecutor(8) as executor:

        def submit(item: int) -> Future[bool]:
            return executor.submit((lambda: True) if item == 0 else gate.wait)

        batch = iter(Batch(items(), submit, lambda: room))
        assert next(batch)[0] == 0
        assert read == [0, 1]
        room = 6
        threading.Timer(0.5, gate.set).start()
        assert 1 <= next(batch)[0] <= 6
        assert read == [0, 1, 2, 3, 4, 5, 6]
        assert len(list(batch)) == 10
