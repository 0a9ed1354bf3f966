"""Live objects in a real confined worker: reached by method, stopped, lost with their worker."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from autograder.errors import StudentError
from autograder.limits import Limits
from autograder.proxies.confined import ConfinedEvaluator, ConfinedStudent, Source
from autograder.proxies.student import Student
from autograder.result import Outcome
from autograder.sandbox.spawn import Lease

pytestmark = pytest.mark.slow

CELL = """
import os, keras, numpy as np

class Tokenizer:
    def __init__(self, text): self.words = sorted(set(text.split()))
    def encode(self, text): return np.array([self.words.index(w) for w in text.split()])
    def hang(self):
        while True: pass
    def end(self): os._exit(3)

def batches(x, size):
    for start in range(0, len(x), size):
        yield x[start:start + size]

def endless():
    while True:
        yield np.random.rand()

def pair():
    return [keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]) for _ in range(2)]

def read(path):
    return open(path).read()

def longest(words):
    return max(words, key=len)
"""


@pytest.fixture
def student(lease: Lease) -> Iterator[Student]:
    cells = ({"source": CELL, "skip": False},)
    limits = Limits(call_seconds=4.0)
    backend = ConfinedStudent(lease, Source(cells, {"words.txt": b"a bee"}, 0), limits)
    evaluator = ConfinedEvaluator(lease, limits)
    yield Student(backend, evaluator, seed=0)
    evaluator.close()
    backend.close()


def test_live_objects_of_a_confined_worker(student: Student) -> None:
    tokenizer = student.Tokenizer("the cat sat")
    assert tokenizer.encode("sat the").tolist() == [1, 2]
    assert [part.tolist() for part in student.batches(np.arange(3), 2)] == [[0, 1], [2]]
    first = list(islice(student.endless(), 3))
    assert len(set(first)) == 3
    assert list(islice(student.endless(), 3)) == first
    assert [model.output_shape for model in student.pair()] == [(None, 1), (None, 1)]
    assert student.call("read", "words.txt") == "a bee"
    assert student.longest(np.array(["a", "ccc", "bb"])) == "ccc"


def test_an_object_whose_worker_ended_is_lost_and_no_other(student: Student) -> None:
    tokenizer, other = student.Tokenizer("a b"), student.Tokenizer("c d")
    with pytest.raises(StudentError, match=r"`Tokenizer.end`"):
        tokenizer.end()
    with pytest.raises(StudentError, match="was lost when a later call ended its process") as lost:
        other.encode("c")
    assert lost.value.outcome is Outcome.CRASHED
    assert student.Tokenizer("e f").encode("f").tolist() == [1]


def test_a_method_without_end_is_stopped(student: Student) -> None:
    with pytest.raises(StudentError, match=r"`Tokenizer.hang` took too long") as stopped:
        student.Tokenizer("a").hang()
    assert stopped.value.outcome is Outcome.TIMED_OUT
