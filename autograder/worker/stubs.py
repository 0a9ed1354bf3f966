"""Stands in for packages of Colab and of notebook pages that this machine lacks.

They mount drives, draw widgets and show progress: nothing that a grade depends on. A package
that is installed is always used instead, since this finder is asked last.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Self

_PACKAGES = ("google.colab", "ipywidgets", "tqdm")


class Inert:
    """Takes any call, attribute or `with` and does nothing; as a decorator it changes nothing."""

    def __call__(self, *args: Any, **_options: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else self

    def __getattr__(self, name: str) -> Self:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


class Progress(Inert):
    """`tqdm(items)` without its bar."""

    def __init__(self, items: Iterable[Any] = (), *_args: Any, **_options: Any) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)  # type: ignore[arg-type]


def _trange(*bounds: int, **_options: Any) -> Progress:
    return Progress(range(*bounds))


def _upload(*_args: Any, **_options: Any) -> dict[str, bytes]:
    return {}


class _InertModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()


class _Package(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return importlib.import_module(f"{self.__name__}.{name}")


class StubFinder:
    """A finder for `sys.meta_path` that knows the stub packages and everything below them."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a stub, None for any other module."""
        is_stub = any(name == stub or name.startswith(f"{stub}.") for stub in _PACKAGES)
        if not is_stub and name != "google":
            return None
        return importlib.util.spec_from_loader(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stub itself: in most of them every name exists."""
        if spec.name == "google.colab":
            return _Package(spec.name)
        plain = spec.name == "google" or spec.name.startswith("tqdm")
        return ModuleType(spec.name) if plain else _InertModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Give the stub the few names whose values matter."""
        if module.__name__.startswith("tqdm"):
            vars(module).update(tqdm=Progress, trange=_trange, tqdm_notebook=Progress)
        if module.__name__ == "google.colab.files":
            vars(module).update(upload=_upload)


def install() -> None:
    """Put the finder last in line, once."""
    if not any(isinstance(finder, StubFinder) for finder in sys.meta_path):
        sys.meta_path.append(StubFinder())
