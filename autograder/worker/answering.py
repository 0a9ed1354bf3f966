"""How a worker answers: one question after the other, until the other end hangs up."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from autograder.sandbox.channel import Channel
from autograder.wire import Value
from autograder.worker import heap

Handle = Callable[[dict[str, Value]], dict[str, Value]]


def answer(channel: Channel, handle: Handle) -> NoReturn:
    """Send what `handle` makes of each question; raises EOFError when the other end has hung up."""
    while True:
        question = channel.receive()
        channel.send({**handle(question), "id": question["id"]})
        heap.give_back()
