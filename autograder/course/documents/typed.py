"""Reads the documents that a course's author writes, TOML or JSON, into typed values.

A document that does not fit its type raises a SettingsError. Its text names the file and the key
and, where a key is misspelt, the keys that are known.
"""

from __future__ import annotations

import json
import reprlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from autograder.errors import SettingsError

__all__ = ["convert", "read_json", "read_toml"]

_T = TypeVar("_T")
_TOML_TYPES = (date, datetime, time)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file; raises SettingsError where it is no TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:  # of the syntax or of UTF-8
        raise SettingsError(f"{path}: {error}") from None


def read_json(path: Path) -> Any:
    """Return the value of a JSON file; raises SettingsError where it is no JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from None


def convert(value: object, kind: type[_T], path: Path, key: str = "") -> _T:
    """Return a parsed document, or its part under `key`, as a value of `kind`.

    `kind` is a dataclass or a msgspec.Struct, and so may be the types of its fields. Types are
    strict: no text counts as a number. Raises SettingsError, which names every fault.
    """
    faults = list(_faults(value, kind, key))
    if faults:
        raise SettingsError(f"{path}: {'; '.join(faults)}")
    return msgspec.convert(value, kind, builtin_types=_TOML_TYPES)


def _faults(value: object, kind: Any, key: str) -> Iterator[str]:
    """Yield what does not fit, each fault with its own key: msgspec stops at the first fault."""
    kind = _inner(kind)
    expected = _fields(kind)
    if isinstance(value, dict) and expected:
        yield from _wrong_keys(value, expected, key)
        for name in (name for name in expected if name in value):
            yield from _faults(value[name], expected[name][0], _join(key, name))
    elif isinstance(value, dict) and get_origin(kind) is Mapping:
        for name, entry in value.items():
            yield from _faults(entry, get_args(kind)[1], _join(key, name))
    else:
        try:
            msgspec.convert(value, kind, builtin_types=_TOML_TYPES)
        except msgspec.ValidationError as error:
            text = str(error)
            fault = f"{text[0].lower()}{text[1:]}, not {reprlib.repr(value)}"
            yield f"{key}: {fault}" if key else fault


def _wrong_keys(
    table: Mapping[str, object], expected: Mapping[str, tuple[Any, bool]], key: str
) -> Iterator[str]:
    where = f" in {key}" if key else ""
    if unknown := sorted(table.keys() - expected.keys()):
        yield f"unknown settings {unknown}{where}; known: {', '.join(sorted(expected))}"
    required = {name for name, (_, is_required) in expected.items() if is_required}
    if missing := sorted(required - table.keys()):
        yield f"missing settings {missing}{where}"


def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Return the keys of a table with their types and whether they must be there.

    Empty for a kind that is no table.
    """
    if is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return {
            field.name: (hints[field.name], MISSING is field.default is field.default_factory)
            for field in fields(kind)
        }
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind.__struct_config__.array_like:
            return {}
        entries = msgspec.structs.fields(kind)
        return {entry.encode_name: (entry.type, entry.required) for entry in entries}
    return {}


def _inner(kind: Any) -> Any:
    """Return T for the type `T | None` of a table that may be left out, else the type itself."""
    given = [part for part in get_args(kind) if part is not NoneType]
    is_optional = isinstance(kind, UnionType) and len(given) == 1
    return given[0] if is_optional and _fields(given[0]) else kind


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
