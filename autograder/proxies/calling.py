"""Calls by name: `proxy.scale(x)` is `proxy.call("scale", x)`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

__all__ = ["CallableByName"]


class CallableByName(ABC):
    """A proxy whose functions or methods are called as if they were its own."""

    @abstractmethod
    def call(self, name: str, /, *arguments: Any, **named: Any) -> Any:
        """Call the function or method `name` and return its value."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*arguments: Any, **named: Any) -> Any:
            return self.call(name, *arguments, **named)

        call.__name__ = name
        return call
