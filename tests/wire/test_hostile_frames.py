"""Frames that declare more than they send, or hold more than they seem to, cost next to nothing."""

from __future__ import annotations

import io
import json
import runpy
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import BadFrame
from autograder.wire import decode

FRAMES = Path(__file__).parents[1] / "hostile" / "frames.py"
NAMES = sorted(runpy.run_path(str(FRAMES))["CASES"])
HARMLESS = {
    # What the package sends itself: half a character becomes a question mark.
    "lone surrogate": "read str",
    # The worker's time and life are watched while it is waited for.
    "declared >> sent, 256 MiB": "waits for more",
    "1024 arrays of 256 KiB declared, none sent": "waits for more",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_frame_costs_next_to_nothing(name: str) -> None:
    done = subprocess.run(
        [sys.executable, str(FRAMES), name], capture_output=True, text=True, check=True, timeout=60
    )
    ended, seconds, mebibytes = done.stdout.strip().split(",")
    assert ended == HARMLESS.get(name, "refused")
    assert float(seconds) < 1
    assert float(mebibytes) < 16


@given(st.integers(0, 2**28), st.integers(0, 3 << 20))
def test_memory_is_taken_for_what_has_come(declared: Any, sent: Any) -> None:
    header = json.dumps({"arrays": [["|u1", [declared]]], "body": None}).encode()
    data = memoryview(struct.pack("!I", len(header)) + header + bytes(min(sent, declared)))
    at, asked = 0, 0

    def read(size: int) -> bytearray:
        nonlocal at, asked
        asked = max(asked, size)
        part = bytearray(data[at : at + size])
        at += size
        if len(part) < size:
            raise EOFError
        return part

    try:
        decode(read)
    except EOFError:
        assert sent < declared
    assert asked <= 1 << 20


def _framed(text: str) -> Callable[[int], bytes]:
    """Return what reads a frame of this JSON, without arrays."""
    data = text.encode()
    return io.BytesIO(struct.pack("!I", len(data)) + data).read


def test_commas_and_brackets_within_texts_are_no_parts() -> None:
    body = ['[{,\\"' * 200] * 400
    text = json.dumps({"arrays": [], "body": body})
    assert decode(_framed(text)) == body


@pytest.mark.parametrize("item", ["7", "1.5", "[]", '{"!":"tuple","v":[]}'])
def test_too_many_parts_are_refused(item: str) -> None:
    body = ",".join([item] * 310_000 if len(item) < 4 else [item] * 60_000)
    read = _framed(f'{{"arrays":[],"body":[{body}]}}')
    with pytest.raises(BadFrame, match="parts"):
        decode(read)
