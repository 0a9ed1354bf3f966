"""Reads and writes the block of nbgrader_config.py that `autograder package` maintains."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.authoring.stub import STUB
from autograder.course.manual import PROMPT
from autograder.errors import UnreadableConfigBlock

FILE = "nbgrader_config.py"
BEGIN = "# --- autograder: begin ---"
END = "# --- autograder: end ---"

_BLOCK = """\
{begin}
# Written by `autograder package`: what you change between these two lines is lost.
from autograder.nbgrader.config import configure

c = get_config()
configure(
    c,
    root={root!r},
    secret={secret!r},
    exercises={{
{exercises}
    }},
)
c.ClearSolutions.code_stub = {{"python": {stub!r}}}
c.ClearSolutions.text_stub = {prompt!r}
{end}"""
_NEW = """\
c = get_config()

c.CourseDirectory.course_id = {course_id!r}

"""


@dataclass(frozen=True, slots=True)
class Wiring:
    """Where the exercises lie, the file with the key ("" for none), {assignment: exercise}."""

    root: str = ""
    secret: str = ""
    exercises: Mapping[str, str] = field(default_factory=dict)


def read(text: str) -> Wiring:
    """Return what a configuration's block says, an empty Wiring without a block.

    Raises UnreadableConfigBlock.
    The block is parsed, never run.
    """
    start, end = _place(text)
    if start < 0:
        return Wiring()
    try:
        nodes = ast.walk(ast.parse(text[start:end]))
        (call,) = (node for node in nodes if isinstance(node, ast.Call) and _is_ours(node))
        arguments: dict[str, Any] = {
            str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords
        }
        return Wiring(**arguments)
    except (SyntaxError, ValueError, TypeError) as error:
        raise UnreadableConfigBlock(
            f"what stands between {BEGIN!r} and {END!r} is not what `autograder package` wrote "
            f"({error}): delete both lines and all between them, and package every exercise anew"
        ) from None


def write(text: str | None, wiring: Wiring, course_id: str) -> str:
    """Return the configuration with its block brought up to date; nothing else changes.

    Without a `text` a new configuration of the course `course_id` is returned.
    """
    block = _BLOCK.format(
        begin=BEGIN,
        end=END,
        root=wiring.root,
        secret=wiring.secret,
        exercises="\n".join(f"        {a!r}: {e!r}," for a, e in sorted(wiring.exercises.items())),
        stub=STUB,
        prompt=PROMPT,
    )
    if text is None:
        return f"{_NEW.format(course_id=course_id)}{block}\n"
    start, end = _place(text)
    if start < 0:
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{block}\n"
    return f"{text[:start]}{block}{text[end:]}"


def _place(text: str) -> tuple[int, int]:
    """Return where the block begins and ends; -1 twice where there is none."""
    if text.count(BEGIN) != text.count(END) or text.count(BEGIN) > 1:
        raise UnreadableConfigBlock(f"one line {BEGIN!r} and behind it one {END!r} are expected")
    start, end = text.find(BEGIN), text.find(END)
    if end < start:
        raise UnreadableConfigBlock(f"{END!r} stands before {BEGIN!r}")
    return start, (end if end < 0 else end + len(END))


def _is_ours(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "configure"
