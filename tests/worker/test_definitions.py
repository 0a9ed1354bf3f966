"""What still counts as a definition, and what is saved of a cell that does not parse."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.worker.definitions import is_definition, statements

PIECES = [
    "def f():\n    return 1",
    "x = 1",
    "y = [\n1]",
    "def (:",
    "  z = 2",
    "'''",
    ")",
    "@",
    "if 1:",
]


@pytest.mark.parametrize(
    "source",
    [
        "def f(): pass",
        "async def f(): pass",
        "class A: pass",
        "import os",
        "from os import path",
        "a = b = 3",
        "a, b = 3, (4, 'x')",
        "a: int = -3",
        "a = 2 ** 10 / 4",
        "layers = keras.layers",
        "f = lambda x: x + 1",
        "options = {'a': [1, 2], 'b': None}",
        "try:\n    import a\nexcept ImportError:\n    a = None\nelse:\n    pass",
    ],
)
def test_definitions(source: str) -> None:
    assert is_definition(ast.parse(source).body[0])


@pytest.mark.parametrize(
    "source",
    [
        "f()",
        "a = f()",
        "a = [f()]",
        "a.b = 1",
        "a[0] = 1",
        "a: int",
        "for i in x: pass",
        "if x:\n    import a",
        "try:\n    f()\nexcept ImportError:\n    a = None",
        "a = {**b}",
        "'text'",
        "get_ipython().run_cell_magic('html', '', '')",
        "get_ipython().run_cell_magic(*names)",
        "get_ipython().system('writefile')",
        "run_cell_magic('writefile', 'a.py', '')",
        "with x:\n    def f(): pass",
    ],
)
def test_no_definitions(source: str) -> None:
    assert not is_definition(ast.parse(source).body[0])


def dumped(nodes: Any) -> Any:
    return [ast.dump(node, include_attributes=True) for node in nodes]


@given(st.lists(st.sampled_from(PIECES[:3])))
def test_valid_source_is_taken_as_it_is(pieces: Any) -> None:
    source = "\n".join(pieces)
    assert dumped(statements(source)) == dumped(ast.parse(source).body)


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("\n".join)))
def test_any_text_gives_statements_with_their_own_lines(source: Any) -> None:
    last = source.count("\n") + 1
    assert all(1 <= node.lineno <= (node.end_lineno or 0) <= last for node in statements(source))


def test_what_stands_around_a_broken_statement_is_saved() -> None:
    source = "a = 1\n\ndef broken(:\n    pass\n\ndef whole():\n    return 2\n"
    assert [(type(n).__name__, n.lineno) for n in statements(source)] == [
        ("Assign", 1),
        ("FunctionDef", 6),
    ]


def test_a_decorator_stays_with_its_function() -> None:
    (node,) = statements("x = = 1\n@cached\ndef f():\n    pass\n")
    assert isinstance(node, ast.FunctionDef)
    assert ast.unparse(node.decorator_list[0]) == "cached"
