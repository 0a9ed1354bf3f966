"""A function stays the answer when a later cell gives its name to something else."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.worker.reused_names import NamedFunctions, called_only, is_function

TRAIN = "def train(model):\n    return model + 1"

# Every way in which Python gives a name something else, or takes it away.
REUSES = [
    "train = [1, 2]",
    "train: list = [1, 2]",
    "train, test = [1], [2]",
    "[test, *train] = 1, 2, 3",
    "test = train = 0",
    "for train in range(2):\n    pass",
    "for train, test in [(1, 2)]:\n    pass",
    "with open('/dev/null') as train:\n    pass",
    "try:\n    1 / 0\nexcept ZeroDivisionError as train:\n    pass",
    "import math as train",
    "(train := 3)",
    "del train",
    "train = 1\ntrain += 1",
    "match 3:\n    case train:\n        pass",
    "globals()['train'] = 4",
    "def forget():\n    global train\n    train = None\nforget()",
    "from math import pi as train",
    "%time train = 5",
    "train = 1\n1 / 0",
    "train = None\nthis is no Python",
]
NO_REUSES = [
    "numbers = [train for train in range(3)]",
    "class Settings:\n    train = 3",
    "def look(train):\n    return train",
    "f = lambda train: train",
    "train.epochs = 3",
]
LATER = [
    ("def train(model):\n    return model + 2", 5),
    ("train = lambda model: model + 2", 5),
    ("import functools\ntrain = functools.lru_cache(train)", 4),
    ("import functools\ntrain = functools.partial(train, 6)", None),
    ("from math import sqrt as train", 3**0.5),
    ("class Twice:\n    def __init__(self, f): self.f = f\n"
     "    def __call__(self, x): return self.f(self.f(x))\ntrain = Twice(train)", 5),
]  # fmt: skip


@pytest.mark.parametrize("reuse", REUSES)
def test_a_function_survives_the_reuse_of_its_name(driver: Any, reuse: str) -> None:
    answer = driver.run(TRAIN, reuse, wanted=["answer('train')(3)"])
    assert answer.found == {"answer('train')(3)": 4}
    told = [note for note in answer.reports[1].notes if "`train`" in note]
    assert told == ["the name `train` is used again; the function of code cell 1 counts"]


@pytest.mark.parametrize("other", NO_REUSES)
def test_a_name_elsewhere_is_another_name(driver: Any, other: str) -> None:
    answer = driver.run(TRAIN, other, wanted=["train(3)"])
    assert answer.found == {"train(3)": 4}
    assert [report.notes for report in answer.reports] == [(), ()]


@pytest.mark.parametrize(("later", "value"), LATER)
def test_the_last_function_of_a_name_counts(driver: Any, later: str, value: float | None) -> None:
    argument = "" if value is None else "3"
    wanted = f"answer('train')({argument})"
    for cells in ([TRAIN, later], [TRAIN, "train = 0", TRAIN, later], [TRAIN, later, "train = 0"]):
        answer = driver.run(*cells, wanted=[wanted])
        assert answer.found == {wanted: 7 if value is None else value}


def test_a_helper_that_functions_call_keeps_its_name(driver: Any) -> None:
    helper = "def scaled(x):\n    return x / 2\ndef prepare(x):\n    return scaled(x) + 1"
    answer = driver.run(helper, "scaled = scaled(8)", wanted=["answer('prepare')(4)"])
    assert answer.found == {"answer('prepare')(4)": 3.0}


def test_data_that_functions_read_keep_their_name(driver: Any) -> None:
    cells = ("def mean(x):\n    return sum(x) / len(x)\ndef centred(x):\n    return x - mean",)
    reused = "mean = mean([1, 3])"
    answer = driver.run(*cells, reused, wanted=["centred(5)", "answer('mean')([4, 6])"])
    assert list(answer.found.values()) == [3.0, 5.0]


def test_a_name_of_a_library_is_reused_without_a_word(driver: Any) -> None:
    answer = driver.run("from math import *", "gamma = 0.9\ndef f():\n    return gamma",
                        wanted=["f()"])  # fmt: skip
    assert answer.found == {"f()": 0.9}
    assert [report.notes for report in answer.reports] == [(), ()]


def test_a_note_is_not_lost_among_others(driver: Any) -> None:
    commands = "\n".join(f"!command {n}" for n in range(9))
    answer = driver.run(TRAIN, f"{commands}\ntrain = 1")
    assert "`train`" in answer.reports[1].notes[0]


def test_a_model_is_no_function() -> None:
    layer = type("Dense", (), {"__module__": "keras.src.layers", "__call__": lambda self: self})
    own = type("Own", (layer,), {"__module__": "__main__"})
    assert is_function(layer)
    assert not is_function(layer())
    assert not is_function(own())
    named = NamedFunctions()
    named.look({"build_model": is_function}, 0)
    named.look({"build_model": own()}, 1)
    assert named.lost == {"build_model": is_function}


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("def g(x): return f(x)", ["f"]),
        ("def g(x): return f(x, k=1)", ["f"]),
        ("g = lambda x: [f(y) for y in x]", ["f"]),
        ("class A:\n    def m(self): return f(1)", ["f"]),
        ("def g(x): return map(f, x)", []),
        ("def g(x): return f(x) + f", []),
        ("def g(f): return f(1)", []),
        ("f(1)", []),
    ],
)
def test_what_functions_do_with_a_name(source: str, calls: list[str]) -> None:
    code = compile(source, "cell", "exec")
    assert called_only({"f", "other"}, code) == calls
