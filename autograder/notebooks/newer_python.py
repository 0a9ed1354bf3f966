"""Finds out whether a syntax error is none in a newer Python than the one that runs here.

What a newer Python added is rewritten so that every Python reads it; nothing is run.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

__all__ = ["accepting_version", "explanation"]

_PREFIX = re.compile(r"(?<![\w\"'])(?P<letters>[A-Za-z]{0,2})(?P<quotes>\"\"\"|'''|\"|')")
_TYPE = re.compile(r"^([ \t]*)type[ \t]+(\w+)(?:\[[^\]\n]*\])?[ \t]*=", re.MULTILINE)
_GENERIC = re.compile(
    r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)\[[^\]\n]*\](?=[ \t]*[(:])", re.MULTILINE
)
_EXCEPT = re.compile(r"^([ \t]*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:", re.M)
_OPENING, _CLOSING = "([{", ")]}"
_MOST = 200_000  # characters that are looked through
_DEEPEST = 20  # f-strings inside each other


class _NotRead(Exception):
    """The text is no f-string in any Python."""


def explanation(source: str) -> str:
    """Return a sentence for a student whose code this Python does not read, '' if none does."""
    version = accepting_version(source)
    if version is None:
        return ""
    ours, theirs = (".".join(map(str, pair)) for pair in (sys.version_info[:2], version))
    return f"Python {theirs} accepts this, the grader runs Python {ours}"


def accepting_version(
    source: str, running: tuple[int, int] = (sys.version_info[0], sys.version_info[1])
) -> tuple[int, int] | None:
    """Return the first Python later than `running` that reads source, None where none is known.

    `source` is code that the running Python does not read.
    """
    if len(source) > _MOST:
        return None
    text = source
    for version, rewrite in _FEATURES:
        try:
            rewritten = rewrite(text)
        except _NotRead:
            return None
        if version > running and rewritten != text and _parses(rewritten):
            return version
        text = rewritten
    return None


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _of_3_12(text: str) -> str:
    """Rewrite f-strings with any quotes inside, `type` statements and generic definitions."""
    return _GENERIC.sub(r"\1", _TYPE.sub(r"\1\2 =", _Scanner(text, "f").without()))


def _of_3_14(text: str) -> str:
    """Rewrite template strings, and `except` with several classes without parentheses."""
    return _EXCEPT.sub(r"\1(\2):", _Scanner(text, "t").without())


_FEATURES: tuple[tuple[tuple[int, int], Callable[[str], str]], ...] = (
    ((3, 12), _of_3_12),
    ((3, 14), _of_3_14),
)


@dataclass(slots=True)
class _Scanner:
    """Reads a script's strings; those with `letter` in their prefix may hold any code."""

    text: str
    letter: str
    depth: int = 0
    position: int = 0
    kept: list[str] = field(default_factory=list)

    def without(self) -> str:
        """Return the script with an empty string in place of each; raise _NotRead."""
        for start, end in self._formatted():
            self.kept.append(self.text[self.position : start] + '""')
            self.position = end
        return "".join(self.kept) + self.text[self.position :]

    def _formatted(self) -> Iterator[tuple[int, int]]:
        """Yield where each string of that kind begins and ends."""
        at = 0
        while at < len(self.text):
            if self.text[at] == "#":
                at = self._line_end(at)
                continue
            match = _PREFIX.match(self.text, at)
            if match is None:
                at += 1
                continue
            end = self._string_end(match)
            if self.letter in match["letters"].lower():
                yield at, end
            at = end

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def _string_end(self, prefix: re.Match[str], level: int = 0) -> int:
        """Return where a string ends that is inside `level` fields of others."""
        if level > _DEEPEST:
            raise _NotRead
        letters, quotes = prefix["letters"].lower(), prefix["quotes"]
        at = prefix.end()
        while at < len(self.text):
            char = self.text[at]
            if self.text.startswith(quotes, at):
                return at + len(quotes)
            if char == "\n" and len(quotes) == 1:
                break
            if char == "\\":
                at += 2
            elif char == "{" and self.letter in letters:
                is_brace = self.text.startswith("{{", at)
                at = at + 2 if is_brace else self._field_end(at + 1, quotes, level)
            else:
                at += 1
        raise _NotRead

    def _field_end(self, start: int, quotes: str, level: int) -> int:
        """Return where the field ends whose expression begins at `start`."""
        at, brackets = start, 0
        while at < len(self.text):
            char = self.text[at]
            string = _PREFIX.match(self.text, at)
            if string is not None:
                at = self._string_end(string, level + 1)
            elif char == "#":
                at = self._line_end(at)
            elif char in _OPENING:
                at, brackets = at + 1, brackets + 1
            elif char in _CLOSING and brackets:
                at, brackets = at + 1, brackets - 1
            elif brackets == 0 and (char in "}:" or self._is_conversion(at)):
                if level == 0:  # what is inside deeper fields is part of this expression
                    self._check(self.text[start:at])
                return self._after_expression(at, quotes, level)
            else:
                at += 1
        raise _NotRead

    def _is_conversion(self, at: int) -> bool:
        return re.match(r"![rsa]\s*[:}]", self.text[at : at + 8]) is not None

    def _after_expression(self, at: int, quotes: str, level: int) -> int:
        """Return where a field ends, behind its conversion and its format."""
        if self.text[at] == "!":
            at = re.compile(r"![rsa]\s*").match(self.text, at).end()  # type: ignore[union-attr]
        if self.text[at] == "}":
            return at + 1
        at += 1
        while at < len(self.text) and not self.text.startswith(quotes, at):
            if self.text[at] == "}":
                return at + 1
            is_field = self.text[at] == "{"
            at = self._field_end(at + 1, quotes, level) if is_field else at + 1
        raise _NotRead

    def _check(self, expression: str) -> None:
        """Raise _NotRead for an expression that no Python reads."""
        if self.depth >= _DEEPEST:
            raise _NotRead
        plain = _Scanner(expression, self.letter, self.depth + 1).without().strip()
        if not _parses(f"({plain.removesuffix('=')}\n)") and not _parses(f"f({plain}\n)"):
            raise _NotRead
