"""A released stub below the finished answer does not undo it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebooks import reader
from autograder.notebooks.left_stubs import LeftStub, without_left_stubs

REPORTED = Path(__file__).parents[1] / "reported"
STUB = 'def f(x):\n    """What f does."""\n    raise NotImplementedError("YOUR CODE HERE")'
ANSWERS = (
    "def f(x):\n    return x",
    "async def f(x):\n    return x",
    "class f:\n    pass",
    "f = lambda x: x",
    "from prices import f",
    "from prices import g as f",
    "def g(x):\n    return x\nf = g",
    "%matplotlib inline\n!pip install keras\ndef f(x):\n    return x",
    "%%time\ndef f(x):\n    return x",
)
NO_ANSWERS = (
    "x = 1",
    STUB,
    "f = table.drop(columns='x')",
    "for f, g in pairs:\n    pass",
    "import f",
    "def g():\n    def f(x):\n        return x",
    "%%writefile prices.py\ndef f(x):\n    return x",
    "def f(x:",
)


def ran(cells: tuple[str, ...]) -> dict[str, object]:
    namespace: dict[str, object] = {}
    for cell in cells:
        exec(cell, namespace)
    return namespace


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(
    "stub",
    [
        STUB,
        "def f(x):\n    raise NotImplementedError",
        "def f(x):\n    raise NotImplementedError()",
        "# The stub.\n@decorated\ndef f(x):\n    # yours\n    raise NotImplementedError()",
    ],
)
def test_a_stub_below_an_answer_is_taken_out(answer: str, stub: str) -> None:
    cells, found = without_left_stubs([answer, f"y = 1\n{stub}\nz = 2"])
    assert found == (LeftStub("f", 1, 0),)
    assert cells[0] == answer
    assert "NotImplementedError" not in cells[1]
    assert [line for line in cells[1].split("\n") if line in ("y = 1", "z = 2")]
    assert cells[1].count("\n") == f"y = 1\n{stub}\nz = 2".count("\n")


@pytest.mark.parametrize("above", NO_ANSWERS)
def test_a_stub_below_no_answer_stays(above: str) -> None:
    assert without_left_stubs([above, STUB]) == ((above, STUB), ())


@pytest.mark.parametrize(
    "below",
    [
        "def f(x):\n    raise NotImplementedError('not for text')",
        "def f(x):\n    x = 1\n    raise NotImplementedError",
        "def f(x):\n    raise ValueError",
        "def f(x):\n    pass",
        "%%writefile prices.py\n" + STUB,
    ],
)
def test_what_is_no_stub_stays_and_counts(below: str) -> None:
    answer = ANSWERS[0]
    assert without_left_stubs([answer, below]) == ((answer, below), ())


def test_an_answer_above_its_stub_in_one_script_counts() -> None:
    source = f"{ANSWERS[0]}\n\n\n{STUB}\n\n\nprint(f(3))"
    read = reader.read(source.encode(), ".py")
    function = ran((read.code[0].source,))["f"]
    assert callable(function)
    assert function(3) == 3
    assert "stub of `f`" in read.warnings[0]


def test_the_last_answer_still_counts() -> None:
    cells, found = without_left_stubs([ANSWERS[0], STUB, "def f(x):\n    return 7", STUB])
    assert [stub.answer for stub in found] == [0, 2]
    function = ran(cells)["f"]
    assert callable(function)
    assert function(1) == 7


def test_a_notebook_with_the_stubs_below_the_answers_says_which_cells_it_left_out() -> None:
    data = (REPORTED / "stub_left_below_the_answer.ipynb").read_bytes()
    read = reader.read(data, ".ipynb")
    assert read.warnings == (
        "cell 5 holds the released stub of `build_model`, below your answer in cell 3: "
        "the answer counts, the stub was left out",
        "cell 6 holds the released stub of `train`, below your answer in cell 4: "
        "the answer counts, the stub was left out",
    )
    assert "YOUR CODE HERE" not in "".join(cell.source for cell in read.code)


@given(st.lists(st.sampled_from((*ANSWERS[:4], *NO_ANSWERS[:3], STUB)), max_size=6))
def test_a_name_with_an_answer_never_ends_as_a_stub(cells: list[str]) -> None:
    kept, _ = without_left_stubs(cells)
    answered = [cell for cell in cells if cell in ANSWERS]
    last = [cell for cell in kept if cell in (*ANSWERS, STUB)]
    assert (last[-1] in ANSWERS) if answered and last else not answered


@given(st.text(max_size=80))
def test_any_text_is_looked_through(text: str) -> None:
    cells, _ = without_left_stubs([ANSWERS[0], f"{text}\n{STUB}"])
    assert len(cells) == 2
