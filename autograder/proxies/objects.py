"""The proxy of an object that stays in the student's process, whatever its class."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from autograder.errors import StudentError
from autograder.proxies.calling import CallableByName
from autograder.proxies.model import Owner
from autograder.proxies.protocols import CallRequest
from autograder.proxies.responses import Called
from autograder.result import Outcome
from autograder.wire import Handle

__all__ = ["ObjectOwner", "StudentObject"]

MOST_ITEMS = 100_000


class ObjectOwner(Owner, Protocol):
    """The student in whose process an object is live."""

    def ask_worker(
        self,
        request: CallRequest,
        arguments: tuple[Any, ...] = (),
        named: Mapping[str, Any] | None = None,
    ) -> Called:
        """Send a request with these arguments and return its value."""

    def let_go(self, generation: int, number: int) -> None:
        """Let the process forget a live object that no check holds any longer."""


class StudentObject(CallableByName):
    """Stands for an object of the student's: its methods are called as if it were here.

    `words.encode("a cat")` and `words.call("encode", "a cat")` are the same; `words.get("size")`
    reads an attribute, `words(x)` calls the object; `words[0]`, `x in words` and `for x in words`
    work as they do there, and `words.call("__len__")` is its length. Random generators go on where
    the last call left them. Everything raises StudentError where the student's code raises, breaks
    a limit, or has ended its process.
    """

    def __init__(self, owner: ObjectOwner, handle: Handle, function: str) -> None:
        self._owner, self._function = owner, function
        self._number = handle.number
        self._generation = owner.backend.generation
        self.type_name = handle.type_name
        weakref.finalize(self, owner.let_go, self._generation, self._number)

    def __repr__(self) -> str:
        return f"<{self.type_name} of the student, from `{self._function}`>"

    def call(self, method: str, /, *arguments: Any, **named: Any) -> Any:
        """Call a method and return its value, as `Student.call` does."""
        return self._ask("call", method, arguments, named)

    def get(self, attribute: str) -> Any:
        """Return the value of an attribute."""
        return self._ask("get", attribute)

    def number_for(self, user: Owner) -> int:
        """Return the number of the object in the process of `user`.

        Raises TypeError where it lives in another process, StudentError where its process ended.
        """
        if user is not self._owner:
            raise TypeError(f"{self!r} lives in another process and cannot be an argument there")
        self._ensure_alive()
        return self._number

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the object itself."""
        return self.call("__call__", *arguments, **named)

    def __getitem__(self, key: Any) -> Any:
        return self.call("__getitem__", key)

    def __contains__(self, thing: Any) -> bool:
        return bool(self.call("__contains__", thing))

    def __iter__(self) -> Iterator[Any]:
        """Yield the items; raises StudentError after 100,000, for it may never end."""
        items = self.call("__iter__")
        if not isinstance(items, StudentObject):
            raise self._error("cannot be iterated over")
        for _ in range(MOST_ITEMS):
            item = items._ask("next", "__next__")
            if type(item) is not list or len(item) != 1:
                return
            yield item[0]
        raise self._error(f"yields more than {MOST_ITEMS:,} items. Does it ever end?")

    def _ask(
        self,
        access: str,
        name: str,
        arguments: tuple[Any, ...] = (),
        named: Mapping[str, Any] | None = None,
    ) -> Any:
        self._ensure_alive()
        # What a student reads is the method's name, or the name of the function it came from.
        function = self._function if name.startswith("__") else f"{self.type_name}.{name}"
        request = CallRequest(function, name, on=self._number, access=access)
        return self._owner.ask_worker(request, arguments, named).value

    def _ensure_alive(self) -> None:
        if self._generation != self._owner.backend.generation:
            raise self._error("was lost when a later call ended its process", Outcome.CRASHED)

    def _error(self, what: str, outcome: Outcome = Outcome.FAILED) -> StudentError:
        return StudentError(outcome, f"The {self.type_name} from `{self._function}` {what}.")
