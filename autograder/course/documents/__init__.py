"""The documents that a course's author writes: TOML and JSON as typed values, and dataset.toml."""

from __future__ import annotations

from autograder.course.documents.typed import convert, read_json, read_toml

__all__ = ["convert", "read_json", "read_toml"]
