"""`autograder doctor`: what it prints, and what its exit code says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.commands import doctor_run
from autograder.sandbox import machine
from autograder.sandbox.machine import Offer


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *arguments])


def test_without_a_needed_layer_grading_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def layers() -> Iterator[Offer]:
        yield Offer(
            "system", "Darwin 24", "student code cannot be kept in", "use Linux", needed=True
        )
        yield Offer("namespaces", "there is no bubblewrap", "less is hidden", "install it")

    monkeypatch.setattr(machine, "layers", layers)
    done = call()
    assert done.exit_code == 1
    assert "use Linux" in done.output
    assert "cannot start" in done.output
    assert json.loads(call("--json").output)["can_grade"] is False


@pytest.mark.slow
def test_this_machine_is_examined_by_a_real_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("--json")
    report = json.loads(done.output)
    assert report["can_grade"] is (done.exit_code == 0)
    assert report["can_grade"]  # the tests that grade run here as well
    isolation = next(offer for offer in report["offers"] if offer["name"] == "isolation")
    assert "attempts to get out failed" in isolation["found"]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_layer_left_out_is_an_attempt_that_succeeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.sandbox import probe as probing

    real = probing.probe
    monkeypatch.setattr(
        probing, "probe", lambda place, folder: real(place, folder, skip=["seccomp"])
    )
    monkeypatch.chdir(tmp_path)
    offers = {offer.name: offer for offer in [doctor_run._attempts()]}
    assert offers["isolation"].needed
    assert "fork" in offers["isolation"].lack
