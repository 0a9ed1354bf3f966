"""A file beside a notebook that may be a model in another form gets a sentence that says so."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from autograder.submissions.collect import collect
from autograder.submissions.submission import Submission

MODELS = {"doubles": "net.keras", "triples": "triple.keras"}
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def handed_in(folder: Path, *names: str) -> Submission:
    for name in ("doubles.ipynb", *names):
        path = folder / "Ada_11_assignsubmission_file_" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(NOTEBOOK if name.endswith(".ipynb") else b"model")
    (submission,) = collect([folder], (*MODELS, "xor"), models=MODELS).submissions
    return submission


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("net.h5", "is a model in the old HDF5 format"),
        ("model.HDF5", "is a model in the old HDF5 format"),
        ("net.weights.h5", "holds weights without the network"),
        ("ckpt/net.index", "holds weights without the network"),
        ("ckpt/net.data-00000-of-00001", "holds weights without the network"),
        ("net/saved_model.pb", "is a model in TensorFlow's own format"),
        ("net.pkl", "is a model in another format"),
        ("net.keras.crdownload", "is named like an unfinished or renamed download"),
        ("my_model.keras", "has another name"),
    ],
)
def test_a_model_in_another_form_is_named(tmp_path: Path, name: str, said: str) -> None:
    one = handed_in(tmp_path, name)
    assert one.model is None
    (note,) = [note for note in one.notes if "could not be used" in note]
    assert f"{name} {said}" in note
    assert "This exercise takes a file net.keras: save it with model.save" in note


def test_a_model_that_was_packed_is_named(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("config.json", "metadata.json", "model.weights.h5"):
            archive.writestr(name, b"")
    handed_in(tmp_path)
    path = tmp_path / "Ada_11_assignsubmission_file_" / "net.keras.zip"
    path.write_bytes(buffer.getvalue())
    (one,) = collect([tmp_path], (*MODELS, "xor"), models=MODELS).submissions
    (note,) = one.notes
    assert "net.keras.zip was packed or renamed: the ending is .keras.zip." in note


def test_the_model_of_another_exercise_and_data_are_no_model_of_this(tmp_path: Path) -> None:
    assert handed_in(tmp_path, "triple.keras", "cars.csv", "curve.png").notes == ()


def test_an_exercise_without_a_model_says_nothing_of_models(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "xor.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "ada" / "net.h5").write_bytes(b"model")
    (one,) = collect([tmp_path], (*MODELS, "xor"), models=MODELS).submissions
    assert one.notes == ()
