"""Splits a Python script at its `# %%` lines into the parts that become cells."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_MARK = re.compile(r"^#[ ]?%%(?:[ \t]+(?P<rest>.*))?$")
_NBCONVERT = re.compile(r"^# In\s?\[[ \d*]*\]:\s*$")
_OPTION = re.compile(r'(\w+)=(\[[^\]\n]*\]|"(?:[^"\\\n]|\\.)*"|[^\s"\[]+)')
_KIND = re.compile(r"(?:^|\s)\[(markdown|md|raw)\](?=\s|$)")
_HEADER = re.compile(r"\A\s*# ---\n(?:#.*\n)*?# ---[ \t]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a script: kind is code, markdown or raw; line is its first line, from 1."""

    kind: str
    source: str
    line: int
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _OpenPart:
    """A part whose lines are still being read."""

    kind: str
    line: int
    options: dict[str, Any]
    lines: list[str] = field(default_factory=list)

    def close(self) -> Part:
        blank = next((n for n, text in enumerate(self.lines) if text.strip()), 0)
        text = "\n".join(self.lines[blank:]).rstrip()
        source = text if self.kind == "code" else _uncomment(text)
        return Part(self.kind, source, self.line + blank, self.options)


def split(text: str) -> list[Part]:
    """Cut a script into parts; without `# %%` (or nbconvert's `# In[1]:`) it is a single part.

    Lines of a markdown part lose their leading `# `; a YAML header is left out.
    """
    header = _HEADER.match(text)
    skipped = header.group().count("\n") if header else 0
    current = _OpenPart("code", skipped + 1, {})
    parts = []
    for number, line in enumerate(text.split("\n")[skipped:], skipped + 1):
        opened = _opened(line, number)
        if opened is None:
            current.lines.append(line)
            continue
        parts.append(current.close())
        current = opened
    parts.append(current.close())
    first = parts[0]
    return parts if first.source or len(parts) == 1 else parts[1:]


def _opened(line: str, number: int) -> _OpenPart | None:
    if _NBCONVERT.match(line):
        return _OpenPart("code", number + 1, {})
    mark = _MARK.match(line)
    if mark is None:
        return None
    rest = mark["rest"] or ""
    kind = _KIND.search(_OPTION.sub("", rest))
    name = kind[1].replace("md", "markdown") if kind else "code"
    return _OpenPart(name, number + 1, {key: _value(text) for key, text in _OPTION.findall(rest)})


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _uncomment(text: str) -> str:
    for quotes in ('"""', "'''"):
        if text.startswith(quotes) and text.endswith(quotes) and len(text) >= 6:
            return text[3:-3].strip("\n")
    return "\n".join(re.sub(r"^#[ ]?", "", line) for line in text.split("\n"))
