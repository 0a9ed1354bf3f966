"""The loop of every worker: responses to requests until the other end hangs up."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from autograder.sandbox.channel import Channel
from autograder.wire import Value
from autograder.worker import heap

Handle = Callable[[dict[str, Value]], dict[str, Value]]


def respond(channel: Channel, handle: Handle) -> NoReturn:
    """Send `handle(request)` for each request; raises EOFError when the other end has hung up."""
    while True:
        request = channel.receive()
        channel.send({**handle(request), "id": request["id"]})
        heap.give_back()
