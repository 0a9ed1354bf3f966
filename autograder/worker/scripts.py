"""Files that a notebook writes and runs: `%%writefile` and `%run`, in the notebook's own folder."""

from __future__ import annotations

import contextlib
import importlib
import shlex
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["WRITING", "Run", "run", "write"]

WRITING = ("file", "writefile")
"""The cell magics that write a file."""

_APPEND = ("-a", "--append")


def write(line: str, body: str) -> None:
    """Write the body of a `%%writefile [-a] NAME` cell; folders on the way to it are made.

    A module that was imported from the file is read anew, as `%autoreload` would. Raises ValueError
    without a name, and OSError.
    """
    words = _words(line)
    names = [word for word in words if word not in _APPEND]
    if not names:
        raise ValueError("%%writefile needs the name of a file")
    path = Path(names[-1]).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if len(names) < len(words) else "w", encoding="utf-8") as file:
        file.write(body if body.endswith("\n") else f"{body}\n")
    importlib.invalidate_caches()  # a folder may have been looked through within the same tick
    for module in _modules_of(path.resolve()):
        # What fails here fails again, with its message, where the notebook uses the module.
        with contextlib.suppress(Exception):
            importlib.reload(module)


def _modules_of(path: Path) -> list[ModuleType]:
    modules = [module for module in sys.modules.values() if isinstance(module, ModuleType)]
    return [module for module in modules if vars(module).get("__file__") == str(path)]


@dataclass(frozen=True, slots=True)
class Run:
    """What `%run` was asked for: a file and its arguments, or with `-m` a module of that name.

    `inside` means `-i`: the script sees the notebook's variables. `name` is its `__name__`.
    """

    file: str
    arguments: tuple[str, ...] = ()
    inside: bool = False
    name: str = "__main__"
    is_module: bool = False

    @classmethod
    def of(cls, line: str) -> Run:
        """Read the line behind `%run`; options that measure or debug are passed over."""
        words = _words(line)
        options: list[str] = []
        while words and words[0].startswith("-"):
            options.append(words.pop(0))
        file, *arguments = words or [""]
        name = Path(file).stem if "-n" in options else "__main__"
        return cls(file, tuple(arguments), "-i" in options, name, "-m" in options)

    @property
    def path(self) -> Path | None:
        """The file, whose ending `.py` may be left out; None where there is none."""
        parts = self.file.replace(".", "/") if self.is_module else self.file
        choices = (self.file, f"{parts}.py", f"{parts}/__main__.py")
        found = (Path(choice).expanduser() for choice in choices if self.file)
        return next((path for path in found if path.is_file()), None)


def run(asked: Run, path: Path, namespace: dict[str, Any]) -> None:
    """Run a script as `%run` does, and give its names to the notebook, also where it fails.

    Raises what the script raises; an exit that means success ends the script only.
    """
    with tokenize.open(path) as file:
        code = compile(file.read(), str(path), "exec")
    own = {"__name__": asked.name, "__file__": str(path), "__builtins__": __builtins__}
    variables = namespace if asked.inside else own
    try:
        with _arguments([str(path), *asked.arguments]):
            exec(code, variables)
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
    finally:
        namespace.update({k: v for k, v in variables.items() if not k.startswith("__")})


@contextlib.contextmanager
def _arguments(words: list[str]) -> Iterator[None]:
    """Have a script see these words as its command line while this lasts."""
    before, sys.argv = sys.argv, words
    try:
        yield
    finally:
        sys.argv = before


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # an apostrophe that nothing closes
        return line.split()
