"""The identity of an answer changes with its code and its trained model, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.calibration.identity import identity
from autograder.grading.task import Task

ANSWER = '''"""An answer."""
# %%
import keras

# %%
def scale(values):
    """Divide."""
    # by the largest
    return values / values.max()  # done
'''


def task(text: str, model: bytes = b"") -> Task:
    return Task(exercise="line", content=text.encode(), suffix=".py", model=model)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# by the largest", "# by another word"),
        ('"""Divide."""', '"""Divide them by the largest."""'),
        ('    """Divide."""\n', ""),
        ("  # done", ""),
        ("# %%\nimport", "\n\n# %%\nimport"),
        ("\n", "\r\n"),
        ("# %%\ndef", "# %% [markdown]\n# A word.\n\n# %%\ndef"),
    ],
)
def test_wording_does_not_count(old: str, new: str) -> None:
    assert old in ANSWER
    assert identity(task(ANSWER.replace(old, new))) == identity(task(ANSWER))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max()", "min()"),
        ("import keras", "import keras as k"),
        ("# %%\ndef", "def"),  # the cells: one that fails takes no other with it
        ("# %%\ndef", '# %% tags=["demo"]\ndef'),
        ("import keras", "%matplotlib inline"),
        ("import keras", "text = 'a b'"),
    ],
)
def test_code_counts(old: str, new: str) -> None:
    assert old in ANSWER
    assert identity(task(ANSWER.replace(old, new))) != identity(task(ANSWER))


def test_strings_that_are_no_docstring_count() -> None:
    one, other = (identity(task(f"text = '{word} words'\n")) for word in ("two", "many"))
    assert one != other


def test_the_trained_model_counts_and_the_student_does_not() -> None:
    assert identity(task(ANSWER, b"one")) != identity(task(ANSWER, b"other"))
    assert identity(replace(task(ANSWER), student="ada", source="x.py")) == identity(task(ANSWER))


@pytest.mark.parametrize("text", ["", "def broken(:\n", "x = 1\n\0", "<<<<<<< a\n>>>>>>> b\n"])
def test_what_cannot_be_read_has_an_identity_too(text: str) -> None:
    assert len(identity(task(text))) == 16
