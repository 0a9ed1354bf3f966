"""Any bytes become a notebook or a kind refusal; what a notebook holds arrives unchanged."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v3, v4

from autograder.errors import UnreadableNotebook
from autograder.notebooks import reader
from autograder.notebooks.file_size import MAX_FILE_BYTES, too_large
from autograder.notebooks.reader import Cell, Notebook, demos, read, wire_cells
from autograder.wire import Caps

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "odd"]) | JSON,
        "source": TEXT | st.lists(TEXT, max_size=3) | JSON,
        "id": TEXT | JSON,
        "metadata": st.fixed_dictionaries({"tags": JSON}) | JSON,
    },
)
ODD_NOTEBOOK = st.fixed_dictionaries(
    {},
    optional={
        "cells": st.lists(CELL | JSON, max_size=5) | JSON,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(CELL)}) | JSON) | JSON,
        "metadata": JSON | st.fixed_dictionaries({"autograder": JSON, "kernelspec": JSON}),
        "nbformat": JSON,
    },
)


def as_bytes(*cells: Any, **metadata: Any) -> Any:
    value = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(value).encode()


def code(source: Any, **more: Any) -> dict[Any, Any]:
    return {"cell_type": "code", "source": source, "outputs": [], "metadata": {}, **more}


def text_cell(source: Any, kind: Any = "markdown") -> dict[str, Any]:
    return {"cell_type": kind, "source": source, "metadata": {}}


def is_read_or_refused(data: Any, suffix: Any) -> Any:
    try:
        found = read(data, suffix)
    except UnreadableNotebook as error:
        return bool(str(error))
    return is_well_formed(found)


def is_well_formed(found: Any) -> bool:
    assert type(found) is Notebook
    assert any(cell.source.strip() for cell in found.code)
    assert all(cell.kind in ("code", "markdown", "raw") for cell in found.cells)
    json.dumps(wire_cells(found), ensure_ascii=False).encode()
    "".join(found.warnings).encode()
    return True


@given(st.binary() | TEXT.map(str.encode), st.sampled_from([".ipynb", ".py", ".IPYNB"]))
def test_any_bytes_are_read_or_refused(data: Any, suffix: Any) -> None:
    assert is_read_or_refused(data, suffix)


@given(ODD_NOTEBOOK)
def test_any_json_is_read_or_refused(value: Any) -> None:
    assert is_read_or_refused(json.dumps(value).encode(), ".ipynb")


@given(
    st.lists(st.tuples(st.sampled_from(["code", "markdown", "raw"]), TEXT), max_size=5),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
)
def test_a_valid_notebook_arrives_as_nbformat_wrote_it(cells: Any, encoding: Any) -> None:
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    written = v4.new_notebook(cells=[make[kind](source) for kind, source in cells])
    written.cells.append(v4.new_code_cell("last = 1", metadata={"tags": ["demo"]}))
    found = read(nbformat.writes(written).encode(encoding), ".ipynb")
    expected = [
        (c.cell_type, c.source.replace("\r\n", "\n").replace("\r", "\n"), c.id)
        for c in written.cells
    ]
    assert [(c.kind, c.source, c.id) for c in found.cells] == expected
    assert found.cells[-1].tags == ("demo",)


def test_a_notebook_of_format_3_is_read() -> None:
    cells = [v3.new_text_cell("markdown", "hello"), v3.new_code_cell("x = 1")]
    written = v3.new_notebook(worksheets=[v3.new_worksheet(cells=cells)])
    found = read(v3.writes_json(written).encode(), ".ipynb")
    assert [(c.kind, c.source) for c in found.cells] == [("markdown", "hello"), ("code", "x = 1")]


def test_source_may_be_lines_or_one_text() -> None:
    found = read(as_bytes(code(["a = 1\n", "b = 2"]), code("c = 3\r\nd = 4")), ".ipynb")
    assert [cell.source for cell in found.cells] == ["a = 1\nb = 2", "c = 3\nd = 4"]


def test_the_exercise_is_read_from_the_metadata() -> None:
    named = as_bytes(code("x"), autograder={"exercise": "car_price"})
    assert read(named, ".ipynb").exercise == "car_price"
    escaping = as_bytes(code("x"), autograder={"exercise": "../other"})
    assert read(escaping, ".ipynb").exercise is None


def test_outputs_are_dropped() -> None:
    cell = code("x", outputs=[{"output_type": "stream", "text": "10 / 10 points"}])
    assert "points" not in repr(read(as_bytes(cell), ".ipynb"))


@pytest.mark.parametrize(
    ("data", "suffix", "message"),
    [
        (b"", ".ipynb", "the file is empty"),
        (b" \n\0", ".py", "the file is empty"),
        (b"x = 1", ".txt", "please hand in an .ipynb or .py file"),
        (b'{"cells": [\n1,,\n]}', ".ipynb", "line 2 is not valid JSON"),
        (b'{"cells": [\n{"cell_type"', ".ipynb", "breaks off at line 2"),
        (b"<!DOCTYPE html>", ".ipynb", "web page"),
        (b"PK\x03\x04....", ".ipynb", "zip archive"),
        (b"[1, 2]", ".ipynb", "not a notebook"),
        (b'{"a": 1}', ".ipynb", "not a notebook"),
        (b"[" * 100_000, ".ipynb", "nested too deep|breaks off"),
        (b'{"cells": [' + b"1" * 5000 + b"]}", ".ipynb", "a number too long"),
        (as_bytes(), ".ipynb", "no code cell"),
        (as_bytes(text_cell("x = 1"), code("  ")), ".ipynb", "no code cell"),
        (b"# %% [markdown]\n# hello\n", ".py", "no code cell"),
        (b"a = 1\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n", ".py", "line 2 .* merge-conflict"),
        (b'{\n<<<<<<< HEAD\n"a": 1,\n=======\n>>>>>>> x\n}', ".ipynb", "line 2 .* merge-conflict"),
        (b"x = 1\n" * 20_000, ".py", "cell 1 has 119,999 characters"),
        (as_bytes(*[code("x" * 60_000)] * 9), ".ipynb", "at most 500,000 are read"),
        (b'{"cells": [' + b"1," * 3_000_000 + b"1]}", ".ipynb", "too large"),
        (as_bytes(*[code("x")] * 2001), ".ipynb", "2001 cells"),
    ],
)
def test_refusals_say_what_is_wrong(data: Any, suffix: str, message: str) -> None:
    with pytest.raises(UnreadableNotebook, match=message):
        read(data, suffix)


def test_a_cell_too_long_to_cross_costs_itself() -> None:
    found = read(as_bytes(code("x" * 70_000), code("y = 1")), ".ipynb")
    assert [cell.source for cell in found.code] == ["", "y = 1"]
    assert "cell 1 has 70,000 characters" in found.warnings[0]
    assert Caps().text >= reader.MAX_CELL_CODE
    assert Caps().json_bytes > reader.MAX_NOTEBOOK_CODE + 100 * reader.MAX_CELLS


def test_a_file_is_read_up_to_the_size_that_is_graded() -> None:
    assert read(as_bytes(code("x = 1")).ljust(MAX_FILE_BYTES, b"\n"), ".ipynb").code
    assert read(b"x = 1\n".ljust(4 << 20, b"\n"), ".py").code
    with pytest.raises(UnreadableNotebook, match="at most 500,000 are read"):
        read(b"x = 1\n".ljust(MAX_FILE_BYTES, b"\n"), ".py")
    with pytest.raises(UnreadableNotebook) as refused:
        read(b"x = 1\n".ljust(MAX_FILE_BYTES + 100_000, b"\n"), ".py")
    assert str(refused.value) == too_large(MAX_FILE_BYTES + 100_000)
    assert "20.1 MB; at most 20 MB" in too_large(MAX_FILE_BYTES + 100_000)


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        ([text_cell("def build_model(x):\n    return 1")], "cell 1 is a markdown cell but defines"),
        ([text_cell("async def f(): 1", "raw")], "cell 1 is a raw cell but defines f"),
        ([code("<<<<<<< a\n=======\n>>>>>>> b")], "cell 1 holds merge-conflict markers"),
        ([code("x", id="a"), code("y", id="a")], "are there twice"),
        ([{"cell_type": "odd"}, code("x")], "cell 1 is not a notebook cell"),
    ],
)
def test_warnings_name_the_cell(cells: list[Any], warning: str) -> None:
    found = read(as_bytes(*cells, code("x = 1")), ".ipynb")
    assert warning in " ".join(found.warnings)


def test_ordinary_notebooks_have_no_warnings() -> None:
    statement = "Write it:\n\n```python\ndef build_model(x):\n    ...\n```\nand `def f(x)`"
    cells = [text_cell(statement), code("def g(): 1"), text_cell("def g(x): as above")]
    assert read(as_bytes(*cells), ".ipynb").warnings == ()


def test_another_language_is_a_warning() -> None:
    data = as_bytes(code("x"), kernelspec={"language": "R"})
    assert read(data, ".ipynb").warnings == (
        "the notebook says its language is 'R'; it is run as Python",
    )


def test_a_notebook_named_py_is_a_notebook() -> None:
    found = read(as_bytes(code("x = 1")), ".py")
    assert found.cells[0].source == "x = 1"
    assert "ends in .py" in found.warnings[0]


@pytest.mark.parametrize(
    ("data", "source", "warned"),
    [
        ("# Größe\nx = 1".encode(), "# Größe\nx = 1", False),
        ("# Größe\nx = 1".encode("utf-8-sig"), "# Größe\nx = 1", False),
        ("# Größe\nx = 1".encode("utf-16"), "# Größe\nx = 1", False),
        ("# Größe\nx = 1".encode("utf-16-le"), "# Größe\nx = 1", True),
        ("# Größe\nx = 1".encode("latin-1"), "# Größe\nx = 1", True),
        (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2", False),
        (b"x = '\x81'", "x = '\x81'", True),
    ],
)
def test_encodings(data: Any, source: str, warned: bool) -> None:
    found = read(data, ".py")
    assert found.cells[0].source == source
    assert bool(found.warnings) == warned


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    data = as_bytes(code("x = 1")).replace(b"x = 1", rb"x = '\ud800'")
    assert read(data, ".ipynb").cells[0].source == "x = '?'"


def test_percent_format() -> None:
    script = (
        "# ---\n# jupyter: x\n# ---\n"
        '\n# %% [markdown] id="intro" tags=["a", "b"]\n# # Title\n#\n# text\n'
        '# %% [md]\n"""\nquoted\n"""\n'
        "# %% a title\n\nx = 1\n\n\n#%%\n# %%time\ny = 2\n# %% [raw]\n# raw\n"
    )
    assert read(script.encode(), ".py").cells == (
        Cell("markdown", "# Title\n\ntext", "intro", ("a", "b"), 6),
        Cell("markdown", "quoted", None, (), 10),
        Cell("code", "x = 1", None, (), 15),
        Cell("code", "# %%time\ny = 2", None, (), 19),
        Cell("raw", "raw", None, (), 22),
    )


def test_a_script_without_cells_is_one_cell() -> None:
    assert read(b"\nimport os\n\ndef f():\n    pass\n", ".py").cells == (
        Cell("code", "import os\n\ndef f():\n    pass", line=2),
    )


def test_what_nbconvert_writes_has_its_cells() -> None:
    script = (
        b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n\nx = 1\n\n\n# In[ ]:\n\n\ny = 2\n"
    )
    assert [cell.source for cell in read(script, ".py").cells[1:]] == ["x = 1", "y = 2"]


def test_demonstrations_of_the_exercise_are_skipped_when_unchanged() -> None:
    demo = code("slow()", metadata={"tags": ["demo"]})
    released = read(as_bytes(demo, code("mine()")), ".ipynb")
    handed_in = read(as_bytes(text_cell("hi"), code("slow()"), code("slow() ")), ".ipynb")
    assert wire_cells(handed_in, demos(released)) == [
        {"source": "slow()", "skip": True},
        {"source": "slow() ", "skip": False},
    ]
