"""An answer that holds only what differs becomes a whole notebook, and runs as its author expects.

The oracle is Python: where definitions depend on nothing that the answer replaces, the composed
notebook has the names and values of a session that runs the solution and then the answer.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from autograder.errors import AnswerError
from autograder.notebooks.overlay import Change, Script, changes, compose
from autograder.notebooks.percent import Part, split

SOLUTION = '''\
# %% [markdown] id="title"
# # Scaling

# %% id="imports"
import math
import statistics as stat

# %% id="settings"
WINDOW = 3
low, high = 0, 10
lengths = [WINDOW] * 2
with open(__file__) as file:
    size = len(file.read())


# %% id="scale"
def scale(values):
    """Return the values between 0 and 1."""
    ### BEGIN SOLUTION
    return [(value - low) / (high - low) for value in values]
    ### END SOLUTION


# %% id="scale-demo" tags=["demo"]
def shown(values):
    raise RuntimeError("demonstrations are not run")


table = shown([1])


# %% id="mean"
def mean(values):
    """Return the mean of the scaled values."""
    ### BEGIN SOLUTION
    return stat.mean(scale(values)) * WINDOW
    ### END SOLUTION


# %% id="network"
class Network:
    """Doubles."""

    ### BEGIN SOLUTION
    def call(self, value):
        return 2 * value
    ### END SOLUTION
'''


def script(text: str, name: str = "wrong/answer.py") -> Script:
    return Script(Path("solutions/scaling") / name, text)


def composed(answer: str, solution: str = SOLUTION) -> str:
    text = compose(script(solution, "solution.py"), script(dedent(answer)))
    assert text is not None, "the answer was taken for a complete one"
    return text


def is_demo(part: Part) -> bool:
    return "demo" in part.options.get("tags", [])


def run(text: str) -> dict[str, object]:
    """Run the cells of a notebook as a grader does: in order, without demonstrations."""
    namespace: dict[str, object] = {"__name__": "notebook", "__file__": __file__}
    flags = 0
    for part in split(text):
        if part.kind == "code" and not is_demo(part):
            code = compile(part.source, "cell", "exec", flags=flags, dont_inherit=True)
            flags |= code.co_flags & 0x1000000  # from __future__ import annotations
            exec(code, namespace)
    return namespace


def call(namespace: dict[str, object], name: str, *values: object) -> object:
    function = namespace[name]
    assert callable(function)
    return function(*values)


def test_a_function_replaces_its_namesake_in_its_cell() -> None:
    text = composed("def scale(values):\n    return values\n")
    assert call(run(text), "mean", [1, 3]) == 2 * 3
    before, after = split(SOLUTION), split(text)
    assert [part.options for part in after] == [part.options for part in before]
    changed = [new for old, new in zip(before, after, strict=True) if old.source != new.source]
    assert [part.options["id"] for part in changed] == ["scale"]
    assert changed[0].source == "def scale(values):\n    return values"


def test_what_reads_a_replaced_constant_reads_the_new_value() -> None:
    names = run(composed("WINDOW: int = 7\n"))
    assert (names["WINDOW"], names["lengths"]) == (7, [7, 7])


def test_a_class_is_replaced_as_a_whole() -> None:
    names = run(composed("class Network:\n    def run(self):\n        return 1\n"))
    assert not hasattr(names["Network"], "call")


@pytest.mark.parametrize(
    ("answer", "name", "value"),
    [
        ("low = 4", "low", 4),
        ("low = 4", "high", 10),
        ("low, high = 2, 6", "high", 6),
        ("high, low = 2, 6", "low", 6),
        ("WINDOW, low, high = 1, 2, 3", "lengths", [1, 1]),  # `low, high` stand below WINDOW
        ("size = 0", "size", 0),
        ("size += 1", "size", len(Path(__file__).read_text("utf-8")) + 1),
        ("for size in range(3):\n    pass", "size", 2),
        ("if True:\n    def scale(values):\n        return 5", "scale", 5),
        ("from math import floor as mean", "mean", 3),
        ("mean = max", "mean", 3),
        ("import random as stat", "stat", __import__("random")),
        ("def shown(values):\n    return 1", "shown", 1),
        ("table = 5", "table", 5),
        ("a = WINDOW; b = a + 1", "b", 4),
    ],
)
def test_the_answers_value_counts(answer: str, name: str, value: object) -> None:
    got = run(composed(answer))[name]
    if inspect.isroutine(got):
        got = got([3]) if name == "scale" else got(3.5, 3) if got is max else got(3)
        value = 3.5 if name == "mean" and "max" in answer else value
    assert got == value


DEFINITION_TIME: dict[str, str] = {
    "decorator": """
        import functools
        from operator import itemgetter

        def twice(function):
            @functools.wraps(function)
            def both(values):
                return function(function(values))
            return both

        @twice
        def scale(values):
            return [2 * value for value in values]
        """,
    "base": """
        import fractions

        class Base(fractions.Fraction):
            def call(self, value):
                return super().__add__(value)

        class Network(Base):
            pass
        """,
    "default": """
        import decimal
        FACTORS = [decimal.Decimal(2)]
        FACTORS.append(decimal.Decimal(3))

        def scale(values, factor=FACTORS[1]):
            return [factor * value for value in values]
        """,
    "table": """
        table = {"a": [1.0]}
        table["b"] = [2.0]
        low = table["b"][0]
        """,
    "built by what is replaced": """
        def scale(values):
            return [value + 1 for value in values]

        best = scale([1, 2])
        best[0] += len(best)

        def mean(values):
            return best
        """,
    "conditional": """
        try:
            import no_such_module as fast
        except ImportError:
            fast = None

        def mean(values):
            return fast
        """,
    "annotation": """
        import array

        def scale(values: array.array) -> array.array:
            return values
        """,
    "a star and a chain": """
        first, *others = last = [1, 2, 3]
        high = size = 5 + len(others)
        """,
}


@pytest.mark.parametrize("answer", DEFINITION_TIME.values(), ids=DEFINITION_TIME)
def test_what_a_definition_needs_at_once_is_there(answer: str) -> None:
    names = run(composed(answer))
    expected: dict[str, object] = run(SOLUTION)
    exec(dedent(answer), expected)
    assert names.keys() == expected.keys()
    for name in names.keys() - {"__builtins__"}:
        got, wanted = names[name], expected[name]
        if inspect.isfunction(got) and name in ("scale", "mean"):
            assert call(names, name, [1, 2]) == call(expected, name, [1, 2])
        elif not callable(got) and name != "file":
            assert got == wanted


def test_future_annotations_hold_for_the_answers_cells() -> None:
    text = composed(
        "from __future__ import annotations\ndef scale(values: Nowhere) -> No:\n    return values\n"
    )
    assert call(run(text), "scale", [1]) == [1]
    header = "# ---\n# jupyter: no\n# ---\n"
    assert compose(
        script(header + SOLUTION, "solution.py"),
        script("from __future__ import annotations\nlow = 1\n"),
    ) == header + composed("from __future__ import annotations\nlow = 1\n")


def test_what_binds_no_name_of_the_solution_comes_last() -> None:
    text = composed("low = 1\nseen = [low, mean([5])]\nseen.append(len(lengths))\n")
    names = run(text)
    assert names["seen"] == [1, call(names, "mean", [5]), 2]
    assert [part.options.get("id") for part in split(text)] == [
        *(part.options.get("id") for part in split(SOLUTION)),
        None,
    ]


@pytest.mark.parametrize(
    "answer",
    [
        "import math\ndef scale(values):\n    return values\ndef mean(values):\n    return 1\n"
        "class Network:\n    pass\n",
        "%matplotlib inline\n!ls\nscale = mean = Network = len\n",
        SOLUTION.replace("2 * value", "3 * value"),
        "def scale(x):\n    return (\n        '%d'\n        % x\n    )\nmean = Network = scale\n",
        SOLUTION.replace("import math\n", ""),
        "def scale(values): return 1\ndef scale(values): return 2\nfrom a import mean, Network\n",
    ],
)
def test_a_file_with_every_function_is_complete(answer: str) -> None:
    assert compose(script(SOLUTION, "solution.py"), script(answer)) is None


def test_without_markers_every_function_is_one_that_students_fill() -> None:
    plain = "def a():\n    pass\n\n\ndef b():\n    pass\n"
    assert compose(script(plain, "solution.py"), script("def a(): return 1\nb = a")) is None
    assert "def b" in composed("def a():\n    return 1\n", plain)
    assert composed("x = 2\n", "x = 1\n") == "x = 2\n"


@pytest.mark.parametrize(
    ("answer", "line", "told"),
    [
        ("", 1, "nothing differs from solution.py"),
        ("# fails: test_a\n'''Only words.'''\n", 1, "mean, scale"),
        ("# fails: test_a\n\nimport math\n\nWINDOW = 3  # as it is\n", 3, "nothing differs"),
        (SOLUTION, 5, "nothing differs"),
        ("low = 1\ndef scale(values:\n", 2, "a syntax error"),
        ("low = 1\n%time scale([1])\n", 2, "a syntax error"),
        ("def f():\n    pass\nlow = 2\ndef f():\n    pass\n", 4, "f is defined in line 1 already"),
        ("low = 2\nhigh = 3\nlow = 4\n", 3, "low is defined in line 1 already"),
        ("low = 2\ntext = '''\n# %% [markdown]\n'''\n", 2, "would begin a cell"),
        ("def mean(v):\n    return v\nx = mean(3)\nlow = 2\n", 3, "runs before line 1"),
        ("def mean(v):\n    return v\nlow = mean\n", 3, "solution's order"),
    ],
)
def test_an_answer_that_cannot_be_laid_over_names_its_line(
    answer: str, line: int, told: str
) -> None:
    with pytest.raises(AnswerError) as raised:
        compose(script(SOLUTION, "solution.py"), script(answer))
    assert str(raised.value).startswith(f"solutions/scaling/wrong/answer.py:{line}: ")
    assert told in str(raised.value)


def test_a_name_of_the_answers_own_may_change() -> None:
    names = run(composed("rows = [1, 2]\nrows = rows[1:]\ndef scale(values):\n    return rows\n"))
    assert call(names, "scale", [1]) == [2]


def test_a_syntax_error_of_the_solution_is_the_solutions() -> None:
    with pytest.raises(AnswerError, match=r"solution\.py:1: a syntax error"):
        compose(script("def a(:\n", "solution.py"), script("x = 1"))


def test_changes_are_what_is_not_in_the_solution() -> None:
    answer = """\
    import math
    import random

    WINDOW = 3

    def scale(values):
        return [(value - low) / (high - low) for value in values]  # as it is

    def mean(values):
        return 0

    extra = 1
    """
    assert changes(script(SOLUTION, "solution.py"), script(dedent(answer))) == (
        Change(("random",), "", "import random"),
        Change(
            ("mean",),
            "def mean(values):\n    return stat.mean(scale(values)) * WINDOW",
            "def mean(values):\n    return 0",
        ),
        Change(("extra",), "", "extra = 1"),
    )


# A statement binds a name {a}, {b} or both; the number {n} tells it from the others.
STATEMENTS = (
    "{a} = {n}",
    "{a}: int = {n}",
    "{a} = {b} = {n}",
    "{a}, {b} = {n}, -{n}",
    "[{a}, *{b}] = {n}, -{n}",
    "def {a}(x={n}):\n    # {n}\n    return x",
    "@staticmethod\n@(\n    lambda f: f\n)\ndef {a}(x={n}): return x",
    "class {a}:\n    x = {n}",
    "if {n}:\n    {a} = {n}\nelse:\n    def {b}(): pass",
    "for {a} in range({n}, {n} + 2): pass",
    "with open(__file__) as {a}:\n    {b} = {n}",
    "{a} = {n}; {b} = -{n}",
    "match {n}:\n    case {a}: pass",
    "[{a} := y for y in [{n}]]",
    "seen.append({n})",
    "import math as {a}",
    "from math import floor as {a}",
)
NAMES = st.sampled_from("abcdef")


def program(number_from: int) -> st.SearchStrategy[list[str]]:
    made = st.tuples(st.sampled_from(STATEMENTS), st.permutations("abcdef"))
    return st.lists(made, min_size=1, max_size=7).map(
        lambda rows: [
            text.format(a=names[0], b=names[1], n=number_from + n)
            for n, (text, names) in enumerate(rows)
        ]
    )


def value_of(value: object) -> object:
    """Return what tells two values apart that were made by two runs of the same statement."""
    if isinstance(value, staticmethod):
        value = value.__func__
    if inspect.isfunction(value):
        return ("def", value.__defaults__)
    if inspect.isclass(value):
        return ("class", vars(value)["x"])
    return getattr(value, "name", value)


@given(ours=program(100), theirs=program(200), demo=program(300), marks=st.sets(st.integers(0, 8)))
def test_a_composed_notebook_has_the_names_of_solution_and_answer(
    ours: list[str], theirs: list[str], demo: list[str], marks: set[int]
) -> None:
    cells = [f'# %% id="c{n}"\n{text}' if n in marks else text for n, text in enumerate(ours)]
    hidden = '# %% tags=["demo"]\n' + "\n".join(demo)
    filled = "def to_fill():\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION"
    solution = "\n\n".join(["seen = []", filled, *cells, hidden, '# %% id="last"\nlast = 1'])
    try:
        text = compose(script(solution, "solution.py"), script("\n".join(theirs)))
    except AnswerError as error:
        event(str(error).partition(": ")[2].partition(" ")[0])
        if "is defined in line" in str(error) or "the solution's order" in str(error):
            return
        assert "nothing differs" in str(error), error  # noqa: PT017
        text = solution
    assert text is not None
    expected, got = run(solution), run(text)
    exec("\n".join(theirs), expected)
    kept = {name for name in got if not name.startswith("__") and name != "seen"}
    assert kept == {name for name in expected if not name.startswith("__") and name != "seen"}
    for name in kept:
        assert value_of(got[name]) == value_of(expected[name]), text
    seen, wanted = got["seen"], expected["seen"]
    assert isinstance(seen, list)
    assert isinstance(wanted, list)
    assert sorted(seen) == sorted(wanted)
    assert [n for n in seen if n >= 200] == [n for n in wanted if n >= 200]
    before, after = split(solution), split(text)
    assert [part.options for part in after][: len(before)] == [part.options for part in before]
    assert [p.source for p in after if is_demo(p)] == [p.source for p in before if is_demo(p)]


REPEATED = st.sampled_from(
    (
        "{0} = {1}",
        "{0}: int = {1}",
        "def {0}(x: int = {1}) -> int:\n    'Words.'\n    return x",
        "class {0}:\n    'Words.'\n    x = {1}",
        "import math as {0}",
        "from math import floor as {0}, ceil as {0}_",
    )
)


@given(st.lists(st.tuples(NAMES, REPEATED), min_size=1, unique_by=lambda row: row[0]), st.data())
def test_an_answer_that_repeats_the_solution_changes_nothing(
    rows: list[tuple[str, str]], data: st.DataObject
) -> None:
    lines = [text.format(name, n) for n, (name, text) in enumerate(rows)]
    fill = "def to_fill():\n    ### BEGIN SOLUTION\n    pass\n"
    chosen = data.draw(st.lists(st.sampled_from(lines), unique=True))
    answer = "\n".join(chosen).replace("x: int", "x").replace("    'Words.'\n", "")
    solution = script("\n".join([fill, *lines]), "solution.py")
    assert changes(solution, script(answer)) == ()
    with pytest.raises(AnswerError, match="nothing differs"):
        compose(solution, script(answer))
