"""What crosses between a check and a student's function, and what stays there and is reached."""

from __future__ import annotations

import collections
import gc
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.errors import StudentError
from autograder.proxies.in_process import LocalEvaluator, LocalStudent
from autograder.proxies.student import Model, Student, StudentObject
from autograder.result import Outcome
from autograder.wire import Opaque
from autograder.worker.seeds import Entropy
from autograder.worker.shell import Shell
from autograder.worker.student import StudentWorker


class Tokenizer:
    """What a student may write."""

    def __init__(self, text: str, lower: bool = False) -> None:
        self.words = sorted(set((text.lower() if lower else text).split()))

    def encode(self, text: str) -> np.ndarray[Any, Any]:
        return np.array([self.words.index(word) for word in text.split()])

    def decode(self, numbers: Any) -> str:
        return " ".join(self.words[number] for number in numbers)

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, number: int) -> str:
        return self.words[number]

    def fail(self) -> None:
        raise ValueError("no such word")


class Pair(NamedTuple):
    x: int
    y: Any


class Vowels:
    """Has items and no `__contains__`."""

    def __iter__(self) -> Iterator[str]:
        return iter("aeiou")


def same(value: Any) -> Any:
    return value


def kinds(value: Any) -> Any:
    return [type(item).__name__ for item in value]


def batches(x: Any, size: int) -> Iterator[Any]:
    for start in range(0, len(x), size):
        yield x[start : start + size], {"first": int(x[start])}


def forever() -> Iterator[int]:
    return itertools.count()


def draws() -> Iterator[float]:
    while True:
        yield float(np.random.rand())


def two_models() -> Any:
    return {"pair": (model(), model()), "size": 2}


def model() -> keras.Model:
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


def shift(models: list[keras.Model], by: float = 1.0) -> None:
    for one in models:
        one.set_weights([weight + by for weight in one.get_weights()])


def adder(by: int) -> Callable[[int], int]:
    return lambda number: number + by


def spoils(x: Any, names: list[str], untouched: Any) -> Any:
    x += 1
    names.append("more")
    return untouched


def describe_path(path: Any) -> str:
    return f"{type(path).__name__} {path.name}"


def many_kinds() -> Any:
    return {
        "tensor": tf.constant([1.0, 2.0]),
        "words": tf.constant(["one", "z\u00e9ro"]),
        "series": pd.Series(["a", "bc"]),
        "numbers": pd.Series([1, 2]),
        "counter": collections.Counter("aab"),
        "ordered": collections.OrderedDict(b=1, a=2),
        "named": Pair(1, np.float32(2)),
        "deque": collections.deque([1, 2]),
        "range": range(3),
        "keys": {1: 2}.keys(),
        "merges": {("a", "b"): 0, np.int64(7): 1},
        "half": tf.constant([1.5], tf.bfloat16),
        "ragged": np.array([[1], [2, 3]], dtype=object),
        "bytes": b"\xff",
    }


def too_much(kind: str) -> Any:
    return {
        "items": lambda: range(10**12),
        "deep": lambda: [[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]],
        "text": lambda: 3_000_000 * "x",
        "arrays": lambda: 60_000 * [np.zeros(1)],
    }[kind]()


FUNCTIONS: tuple[Callable[..., Any], ...] = (
    *(Tokenizer, Vowels, same, kinds, batches, forever, draws, two_models, model, shift, adder),
    *(spoils, describe_path, many_kinds, too_much),
)


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> LocalStudent:
    shell = SimpleNamespace(
        namespace={f.__name__: f for f in FUNCTIONS}, answers={}, run=lambda *_, **__: []
    )
    worker = StudentWorker(cast(Shell, shell), Entropy())
    local = LocalStudent(worker, tmp_path_factory.mktemp("folder"))
    local.load([], 0)
    return local


@pytest.fixture(scope="module")
def student(backend: LocalStudent) -> Student:
    return Student(backend, LocalEvaluator(), seed=0)


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_numbers = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False)
_arrays = hnp.arrays(
    st.sampled_from(["<f2", "<f4", "<f8", "<i4", "<i8", "|u1", "|b1"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    elements={"allow_nan": False},
)
_words = st.lists(_text, max_size=4).map(lambda texts: np.array(texts, dtype=str))
_keys = st.recursive(
    _text | st.integers(-9, 9) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=3,
)
_leaves = (
    _numbers
    | _text
    | st.binary(max_size=9)
    | _arrays
    | _words
    | st.sets(_keys, max_size=3)
    | st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=3).map(
        lambda parts: PurePosixPath(*parts)
    )
)
_values = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(_keys, inner, max_size=3)
    ),
    max_leaves=8,
)


def alike(left: Any, right: Any) -> bool:
    """Tell whether two values are of the same types and equal, at every depth."""
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        kinds_ = left.dtype == right.dtype or {left.dtype.str, right.dtype.str} == {"<U0", "<U1"}
        return kinds_ and left.shape == right.shape and bool(np.all(left == right))
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(alike, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(alike(left[key], right[key]) for key in left)
    return bool(left == right)


@settings(max_examples=200)
@given(_values)
def test_a_value_is_the_same_there_and_back(student: Student, value: Any) -> None:
    assert alike(student.same(value), value)


def test_arguments_arrive_as_what_they_are(student: Student) -> None:
    sent = [(1, 2), [1], {"a": 1}, {1}, "a", b"a", np.array(["a"]), np.array([1]), 1.0, True]
    expected = "tuple list dict set str bytes ndarray ndarray float bool".split()
    assert student.kinds(sent) == expected
    assert student.describe_path(Path("cars.csv")) == "PurePosixPath cars.csv"


def test_what_libraries_return_arrives_as_plain_values(student: Student) -> None:
    value = student.many_kinds()
    assert value["tensor"].tolist() == [1, 2]
    assert value["words"].tolist() == ["one", "z\u00e9ro"]
    assert value["words"].dtype.kind == value["series"].dtype.kind == "U"
    assert value["numbers"].tolist() == [1, 2]
    assert value["counter"] == {"a": 2, "b": 1}
    assert list(value["ordered"]) == ["b", "a"]
    assert value["named"] == (1, 2.0)
    assert value["deque"] == [1, 2]
    assert value["range"] == [0, 1, 2]
    assert value["keys"] == [1]
    assert value["merges"] == {("a", "b"): 0, 7: 1}
    assert value["half"].tolist() == [1.5]
    assert value["ragged"] == [[1], [2, 3]]
    assert value["bytes"] == b"\xff"


@pytest.mark.parametrize("kind", ["items", "deep", "text", "arrays"])
def test_what_is_too_large_is_named_and_costs_nothing_else(student: Student, kind: str) -> None:
    value = student.too_much(kind)
    assert isinstance(value, Opaque)
    assert "more than" in value.type_name
    assert student.same(1) == 1


def test_long_text_and_many_arrays_arrive_whole(student: Student) -> None:
    text = "caf\u00e9 \U0001f600 " * 100_000
    assert student.same(text) == text
    arrays = [np.arange(number % 5) for number in range(5_000)]
    assert alike(student.same(arrays), arrays)


def test_an_object_is_reached_by_its_methods(student: Student) -> None:
    tokenizer = student.Tokenizer("the cat The dog", lower=True)
    assert isinstance(tokenizer, StudentObject)
    assert tokenizer.type_name == "Tokenizer"
    assert tokenizer.encode("cat the").tolist() == [0, 2]
    assert tokenizer.decode(numbers=tokenizer.encode("dog cat")) == "dog cat"
    assert tokenizer.get("words") == ["cat", "dog", "the"]
    assert tokenizer.call("__len__") == 3
    assert tokenizer[1] == "dog"
    assert list(tokenizer) == ["cat", "dog", "the"]
    assert "cat" in tokenizer
    assert "cow" not in tokenizer
    assert "e" in student.Vowels()
    again = student.same([tokenizer])
    assert again[0].decode([0]) == "cat"
    with pytest.raises(StudentError, match=r"`Tokenizer.fail` raised ValueError: .no such word"):
        tokenizer.fail()
    with pytest.raises(StudentError, match="has no attribute 'save'"):
        tokenizer.save()


def test_a_function_that_was_returned_can_be_called(student: Student) -> None:
    assert student.adder(3)(4) == 7


def test_a_generator_is_read_item_by_item(student: Student) -> None:
    x = np.arange(5)
    items = list(student.batches(x, 2))
    assert [part.tolist() for part, _ in items] == [[0, 1], [2, 3], [4]]
    assert [note for _, note in items] == [{"first": 0}, {"first": 2}, {"first": 4}]
    assert list(itertools.islice(student.forever(), 4)) == [0, 1, 2, 3]


def test_a_generator_draws_anew_at_every_item_and_the_same_at_every_run(student: Student) -> None:
    first = list(itertools.islice(student.draws(), 3))
    assert len(set(first)) == 3
    assert list(itertools.islice(student.draws(), 3)) == first


def test_a_generator_without_end_is_stopped(
    student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.proxies.objects.MOST_ITEMS", 50)
    with pytest.raises(StudentError, match=r"from `forever` yields more than 50 items"):
        list(student.forever())


def test_models_within_values_are_models(student: Student) -> None:
    value = student.two_models()
    first, second = value["pair"]
    assert isinstance(first, Model)
    assert isinstance(second, Model)
    before = [array.copy() for array in second.weights]
    student.shift([first, second, second], by=2.0)
    for old, new in zip(before, second.weights, strict=True):
        np.testing.assert_allclose(new, old + 4)


def test_models_of_another_worker_move_within_lists(student: Student) -> None:
    other = Student(student.backend, LocalEvaluator(), seed=0)
    moved = other.model()
    before = moved.weights[0].copy()
    student.shift((moved, moved), by=1.0)
    np.testing.assert_allclose(moved.weights[0], before + 2)
    with pytest.raises(TypeError, match="lives in another process"):
        student.same(other.Vowels())


@pytest.mark.parametrize(
    "argument",
    [object(), [object()], np.array([object()]), 2**70, 1j, np.zeros(2, "<M8[s]"), bytearray(b"a")],
    ids=lambda argument: type(argument).__name__,
)
def test_what_cannot_cross_is_the_checks_fault(student: Student, argument: Any) -> None:
    with pytest.raises(TypeError, match="a check passed"):
        student.same(argument)


def test_a_scalar_of_numpy_arrives_as_a_number(student: Student) -> None:
    assert student.same([np.float64(1.5), np.int8(3), np.str_("a"), np.bool_(True)]) == [
        1.5,
        3,
        "a",
        True,
    ]


def test_arguments_that_a_call_changes_are_named(student: Student) -> None:
    value, changed = student.call_watched("spoils", np.zeros(2), ["a"], {"b": np.ones(3)})
    assert changed == (0, 1)
    assert alike(value, {"b": np.ones(3)})
    assert student.call_watched("same", np.zeros(2))[1] == ()


def test_an_object_that_no_check_holds_is_let_go(student: Student, backend: LocalStudent) -> None:
    vowels = student.Vowels()
    number = vowels.number_for(student)
    assert isinstance(backend.worker.live[number], Vowels)
    del vowels
    gc.collect()
    student.same(1)
    with pytest.raises(KeyError):
        backend.worker.live[number]


def test_an_object_of_a_process_that_ended_is_lost_with_a_sentence(
    student: Student, backend: LocalStudent
) -> None:
    tokenizer = student.Tokenizer("a b")
    backend.generation += 1
    try:
        with pytest.raises(StudentError, match="was lost when a later call ended") as caught:
            tokenizer.encode("a")
    finally:
        backend.generation -= 1
    assert caught.value.outcome is Outcome.CRASHED
