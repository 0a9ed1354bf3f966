"""Stands in for packages of Colab, Kaggle and notebook pages that this machine lacks.

They mount drives, draw widgets and show progress: nothing that a grade depends on. A package
that is installed is always used instead, since this finder is asked last. The packages of Colab
and Kaggle are stood in for only where a notebook needs them: a notebook that asks whether it runs
there is told that it does not.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from autograder.worker.tried_imports import only_asks

__all__ = ["Inert", "Progress", "StubFinder", "hide", "installed"]

_ELSEWHERE = ("google.colab", "kaggle_secrets", "kaggle_datasets")
_PACKAGES = (*_ELSEWHERE, "ipywidgets", "tqdm")


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


class _InertModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()


class _Package(ModuleType):
    def __init__(self, name: str, make: Callable[[str], ModuleType]) -> None:
        super().__init__(name)
        self._make = make

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._make(f"{self.__name__}.{name}")


@dataclass(slots=True, eq=False)
class StubFinder:
    """A finder for `sys.meta_path` that knows the stub packages and everything below them.

    `released` are the names of the files that come with the exercise: Colab's `files.upload()`
    returns those. `note` is called with a sentence when a package of Colab or Kaggle is imported.
    """

    released: tuple[str, ...] = ()
    note: Callable[[str], None] | None = None

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a stub, None for any other module, or where a notebook only asks."""
        if not _is_below(name, _PACKAGES) and name != "google":
            return None
        if _is_below(name, _ELSEWHERE) and only_asks(sys._getframe(1)):
            return None
        return importlib.util.spec_from_loader(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stub itself: in most of them every name exists."""
        return self._made(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Say that a package of Colab or Kaggle was imported."""
        if self.note is not None and module.__name__ in _ELSEWHERE:
            uploads = ", its `upload()` gives the exercise's files" * bool(self.released)
            is_colab = module.__name__ == "google.colab"
            self.note(f"`{module.__name__}` does nothing here{uploads if is_colab else ''}")

    def _made(self, name: str) -> ModuleType:
        """Return a new stub with the few names whose values matter."""
        if name == "google.colab":
            return _Package(name, self._made)
        plain = name == "google" or name.startswith("tqdm")
        module = ModuleType(name) if plain else _InertModule(name)
        if name.startswith("tqdm"):
            vars(module).update(tqdm=Progress, trange=_trange, tqdm_notebook=Progress)
        if name == "google.colab.files":
            vars(module).update(upload=self._upload)
        return module

    def _upload(self, *_args: Any, **_options: Any) -> dict[str, bytes]:
        paths = [Path(name) for name in self.released]
        return {str(path): path.read_bytes() for path in paths if path.is_file()}


def hide() -> None:
    """Take the stubs of Colab and Kaggle out of `sys.modules`, where notebooks look for them."""
    if sys.modules.keys().isdisjoint(_ELSEWHERE):
        return
    for name, module in list(sys.modules.items()):
        if _is_below(name, _ELSEWHERE) and isinstance(module, _InertModule | _Package):
            del sys.modules[name]


def _is_below(name: str, packages: Iterable[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def installed() -> StubFinder:
    """Return the finder, which is put last in line once."""
    for finder in sys.meta_path:
        if isinstance(finder, StubFinder):
            return finder
    finder = StubFinder()
    sys.meta_path.append(finder)
    return finder
