"""calibration.json is read into types and written again as the same bytes, or refused."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest

from autograder.course import calibration_file
from autograder.errors import SettingsError

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob("solutions/*/calibration.json"))
FIRST = FILES[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_calibration_is_written_as_the_bytes_that_were_read(path: Path) -> None:
    calibration = calibration_file.read(path)
    assert calibration.exercise == path.parent.name
    assert calibration_file.to_text(calibration).encode() == path.read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"schema": 1', '"schema": 2', "schema 2 is not 1: run autograder calibrate"),
        ('"schema": 1,\n', "", "schema None is not 1"),
        ('"fits": {', '"fitz": {', r"unknown settings \['fitz'\]; known: .*fits, policy"),
        ('"fits": {', '"fitz": {', r"missing settings \['fits'\]"),
        ('"target": 0.001', '"target": "small"', "policy.target: expected `float`, got `str`"),
        ('"scale": "linear"', '"scale": "root"', "unseen_error.scale: invalid enum value 'root'"),
        ('"noise"', '"noisy"', r"unknown settings \['noisy'\] in thresholds.unseen_error"),
        ("]\n    ],", "],\n    ],", "bikes_lstm/calibration.json: "),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_key(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = FIRST.read_text("utf-8")
    assert old in text
    path = tmp_path / "bikes_lstm" / "calibration.json"
    path.parent.mkdir()
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(SettingsError, match=words) as raised:
        calibration_file.read(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("text", ["[]", "3", "null", "", "\xff"])
def test_a_file_that_is_no_calibration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text, "latin-1")
    with pytest.raises(SettingsError, match=r"calibration\.json"):
        calibration_file.read(path)


def test_what_is_no_number_is_not_written() -> None:
    calibration = calibration_file.read(FIRST)
    policy = msgspec.structs.replace(calibration.policy, target=math.nan)
    with pytest.raises(ValueError, match="not JSON compliant"):
        calibration_file.to_text(msgspec.structs.replace(calibration, policy=policy))
