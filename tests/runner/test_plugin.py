"""Check files in, Check values out, without any worker: pytest decides, the plug-in reports."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from autograder.checks.marking import points, ramp
from autograder.checks.thresholds import Threshold, Thresholds
from autograder.errors import BrokenChecks
from autograder.result import Check, Measure, Outcome, Visibility
from autograder.runner.plugin import Fixtures, Shared, run_checks, run_collected

NOBODY = Fixtures(student=None)  # type: ignore[arg-type]
HEAD = """\
from autograder.checks.marking import award, points
from autograder.proxies.student import StudentError
"""


def _run(tmp_path: Path, visible: str, hidden: str = "") -> dict[str, Check]:
    files = [tmp_path / "visible.py"]
    files[0].write_text(HEAD + visible, "utf-8")
    if hidden:
        files.append(tmp_path / "hidden.py")
        files[1].write_text(HEAD + hidden, "utf-8")
    found = run_checks(files, Shared(str, Thresholds(())), NOBODY)
    return {check.id: check for check in found}


def test_each_way_to_end_has_its_outcome(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        "from autograder.result import Outcome\n"
        "@points(2)\ndef test_pass():\n    '''Fine'''\n"
        "@points(2)\ndef test_fail():\n    '''Not fine'''\n    assert 1 == 2, 'one is not two'\n"
        "@points(2)\ndef test_part():\n    award(0.25, 'a quarter')\n"
        "@points(2)\ndef test_nan():\n    award(float('nan'), 'nothing')\n"
        "@points(2)\ndef test_more():\n    award(7, 'unread')\n"
        "@points(2)\ndef test_theirs():\n    raise StudentError(Outcome.TIMED_OUT, 'slow', 'why')\n"
        "@points(2)\ndef test_ours():\n    undefined\n",
    )
    told = {name: (check.outcome, check.points, check.message) for name, check in found.items()}
    assert told["test_pass"] == (Outcome.PASSED, 2.0, "")
    assert told["test_fail"] == (Outcome.FAILED, 0.0, "one is not two")
    assert told["test_part"] == (Outcome.PARTIAL, 0.5, "a quarter")
    assert told["test_nan"] == (Outcome.FAILED, 0.0, "nothing")
    assert told["test_more"] == (Outcome.PASSED, 2.0, "")
    assert told["test_theirs"] == (Outcome.TIMED_OUT, 0.0, "slow")
    assert told["test_ours"][0] is Outcome.GRADER_ERROR
    assert found["test_theirs"].evidence == "why"
    assert "undefined" in found["test_ours"].evidence
    assert found["test_fail"].title == "Not fine"


def test_what_a_fixture_raises_is_the_outcome_of_all_its_checks(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        "import pytest\nfrom autograder.result import Outcome\n"
        "@pytest.fixture(scope='session')\ndef built():\n"
        "    raise StudentError(Outcome.CRASHED, 'boom')\n"
        "@points(1)\ndef test_a(built): pass\n@points(1)\ndef test_b(built): pass\n",
    )
    assert {check.outcome for check in found.values()} == {Outcome.CRASHED}


def test_visible_and_hidden_share_a_conftest(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\nmade = []\n"
        "@pytest.fixture(scope='session')\ndef trained():\n    made.append(1)\n    return made\n"
    )
    test = "@points(1)\ndef test_{}(trained):\n    assert len(trained) == 1\n"
    found = _run(tmp_path, test.format("a"), test.format("b"))
    assert [check.visibility for check in found.values()] == [Visibility.VISIBLE, Visibility.HIDDEN]
    assert {check.outcome for check in found.values()} == {Outcome.PASSED}


@pytest.mark.parametrize(
    "source",
    ["def test_unmarked(): pass\n", "this is no python\n", "import nonexistent\n", "x = 1\n"],
)
def test_broken_check_files_are_our_fault(tmp_path: Path, source: str) -> None:
    with pytest.raises(BrokenChecks):
        _run(tmp_path, source)


@pytest.mark.parametrize(
    "error",
    ["OSError(28, 'No space left on device')", "PermissionError(13, 'no')", "MemoryError()",
     "EOFError()", "ImportError('numpy')", "TimeoutError()"],
)  # fmt: skip
def test_a_machine_that_fails_in_a_check_is_never_a_students_fault(
    tmp_path: Path, error: str
) -> None:
    with pytest.raises(BrokenChecks, match=error.partition("(")[0]):
        _run(
            tmp_path,
            f"@points(1)\ndef test_a():\n    raise {error}\n@points(1)\ndef test_b(): pass\n",
        )


def test_a_settings_file_around_the_checks_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    found = _run(tmp_path, "@points(1)\ndef test_a():\n    assert False, 'no'\n")
    assert found["test_a"].outcome is Outcome.FAILED


def test_what_checks_print_goes_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run(tmp_path, "@points(1)\ndef test_a():\n    print('held-out labels')\n")
    assert "held-out" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "zero", "full", "expected"),
    [(5, 10, 0, 0.5), (0.5, 0.1, 0.9, 0.5), (-1, 0, 1, 0.0), (9, 0, 1, 1.0), (12, 10, 0, 0.0)],
)
def test_ramp(value: float, zero: float, full: float, expected: float) -> None:
    assert ramp(value, zero=zero, full=full) == pytest.approx(expected)


def test_ramp_keeps_nan_and_refuses_a_cliff() -> None:
    assert math.isnan(ramp(math.nan, zero=0, full=1))
    with pytest.raises(ValueError, match="two different ends"):
        ramp(1, zero=1, full=1)


@pytest.mark.parametrize("worth", [0, -1, math.nan, math.inf])
def test_a_check_is_worth_something(worth: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        points(worth)


def test_a_check_tells_what_it_rests_on(tmp_path: Path) -> None:
    near = Threshold("error", 1.0, "lower", noise=0.1)
    files = [tmp_path / "visible.py"]
    files[0].write_text(
        "from autograder.checks.marking import points\n"
        "@points(1)\ndef test_near(thresholds, record):\n"
        "    error = thresholds.measure('error', 1.2)\n"
        "    record(error)\n    assert error.met, 'too much'\n"
        "@points(1)\ndef test_clear(thresholds, record):\n"
        "    record(thresholds.measure('error', float('nan')))\n"
        "@points(1)\ndef test_unknown(thresholds):\n    thresholds['eror']\n",
        "utf-8",
    )
    known = Thresholds([near])
    found = {check.id: check for check in run_checks(files, Shared(str, known), NOBODY)}
    assert found["test_near"].measures == (Measure("error", 1.2, 1.0),)
    assert found["test_near"].borderline
    assert found["test_near"].outcome is Outcome.FAILED
    assert found["test_clear"].measures == (Measure("error", None, 1.0),)
    assert not found["test_clear"].borderline
    assert found["test_unknown"].outcome is Outcome.GRADER_ERROR
    assert known.observed == {"error": 1.2}


def test_shared_fixtures_are_made_before_a_submission_comes_and_no_others(tmp_path: Path) -> None:
    log = tmp_path / "log"
    note = f"open({str(log)!r}, 'a').write"
    session, function = "pytest.fixture(scope='session')", "pytest.fixture"
    heads = {
        "rows(data)": "shared",
        "limits(thresholds, rows)": "shared",
        "_both(rows, limits)": "shared",
        "unmarked(data)": session,
        "overridden(data)": "shared",
        "name(student)": session,
        "through(name, rows)": session,
        "asks(request)": session,
        "rows_again(rows)": function,
    }
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom autograder.checks import shared\n"
        + "".join(
            f"@{mark}\ndef {head}:\n    {note}({head.partition('(')[0]!r} ' ')\n"
            for head, mark in heads.items()
        )
        + f"@{session}\ndef tidied(data):\n    {note}('tidied ')\n    yield\n    {note}('tidy ')\n"
        f"@pytest.fixture(autouse=True)\ndef always(student):\n    {note}('always ')\n"
        f"@pytest.fixture(autouse=True, scope='session')\ndef once(student):\n    {note}('once ')\n"
    )
    files = [tmp_path / "hidden.py", tmp_path / "visible.py"]
    files[0].write_text(
        f"{HEAD}import pytest\nfrom autograder.checks import shared\n"
        f"@shared\ndef hid(_both):\n    {note}('hid ')\n"
        f"@{session}\ndef overridden(student):\n    {note}('own ')\n"
        "@points(1)\ndef test_b(hid, through, tidied, overridden): pass\n"
        "class TestC:\n"
        f"    @{session}\n    def through(self, rows):\n        {note}('inner ')\n"
        "    @points(1)\n    def test_c(self, through): pass\n"
    )
    files[1].write_text(
        f"{HEAD}@points(1)\ndef test_a(limits, asks, rows_again, unmarked, overridden): pass\n"
    )

    def arrive() -> Fixtures:
        with log.open("a") as file:
            file.write("| ")
        return NOBODY

    found = run_collected(files, Shared(str, Thresholds(())), arrive)
    assert [check.outcome for check in found] == [Outcome.PASSED] * 3
    before, after = log.read_text().split("| ")
    assert sorted(before.split()) == ["_both", "hid", "limits", "overridden", "rows"]
    made = ["asks", "inner", "name", "once", "own", "rows_again", "through", "tidied", "tidy"]
    assert sorted(after.replace("always ", "").split()) == [*made, "unmarked"]
    assert after.count("always") == 3


def _reused(tmp_path: Path, visible: str) -> dict[str, Check]:
    """Run checks as the process does that forks for each submission."""
    file = tmp_path / "visible.py"
    file.write_text(f"{HEAD}import pytest\nfrom autograder.checks import shared\n{visible}")
    found = run_collected([file], Shared(str, Thresholds(())), lambda: NOBODY)
    return {check.id: check for check in found}


def test_a_shared_fixture_must_not_leave_a_thread_in_a_process_that_forks(tmp_path: Path) -> None:
    with pytest.raises(BrokenChecks, match="StartsThreads: a session fixture"):
        _reused(
            tmp_path,
            "import threading\n"
            "@shared\ndef busy(data):\n"
            "    threading.Thread(target=threading.Event().wait, args=(5,), daemon=True).start()\n"
            "@points(1)\ndef test_a(busy): pass\n",
        )


def test_a_shared_fixture_that_raises_is_the_graders_own_fault_in_its_checks(
    tmp_path: Path,
) -> None:
    found = _reused(
        tmp_path,
        "@shared\ndef broken(data): raise ValueError('rows')\n"
        "@points(1)\ndef test_a(broken): pass\n@points(1)\ndef test_b(): pass\n",
    )
    assert found["test_a"].outcome is Outcome.GRADER_ERROR
    assert "rows" in found["test_a"].evidence
    assert found["test_b"].outcome is Outcome.PASSED
    assert list(found) == ["test_a", "test_b"]


@pytest.mark.parametrize(
    "needs", ["student", "reference", "optional_reference", "built", "request"]
)
def test_a_shared_fixture_that_needs_a_submission_is_named_to_its_author(
    tmp_path: Path, needs: str
) -> None:
    with pytest.raises(BrokenChecks) as caught:
        _reused(
            tmp_path,
            "@pytest.fixture(scope='session')\ndef built(student): pass\n"
            f"@shared\ndef rows({needs}):\n    {needs!r} == 'request' and "
            "request.getfixturevalue('built')\n"
            "@shared\ndef fine(data): pass\n"
            "@points(1)\ndef test_a(rows, fine): pass\n",
        )
    (sentence,) = str(caught.value).splitlines()
    assert "the fixture 'rows' is marked @shared" in sentence
    assert 'mark it with @pytest.fixture(scope="session") instead' in sentence


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("@shared\ndef rows(data): yield 1\n", "'rows' has a yield"),
        ("class Rows:\n    @shared\n    def rows(self, data): pass\n", "not for Rows.rows"),
    ],
)
def test_what_cannot_be_shared_is_refused_where_it_is_marked(
    tmp_path: Path, definition: str, words: str
) -> None:
    with pytest.raises(BrokenChecks, match=words):
        _reused(tmp_path, f"{definition}@points(1)\ndef test_a(): pass\n")


def test_for_a_student_alone_a_shared_fixture_is_a_session_fixture(tmp_path: Path) -> None:
    found = _run(
        tmp_path,
        "from autograder.checks import shared\nmade = []\n"
        "@shared\ndef rows(data): made.append(1)\n"
        "@points(1)\ndef test_a(rows): assert made == [1]\n"
        "@points(1)\ndef test_b(rows): assert made == [1]\n",
    )
    assert {check.outcome for check in found.values()} == {Outcome.PASSED}


def test_a_fault_of_the_checks_files_blames_no_student(tmp_path: Path) -> None:
    files = [tmp_path / "visible.py"]
    files[0].write_text(
        HEAD + "@points(1)\ndef test_size(thresholds):\n    thresholds.measure('size', 1)\n"
    )
    (check,) = run_checks(files, Shared(str, Thresholds(())), NOBODY)
    assert check.outcome is Outcome.GRADER_ERROR
    assert "through no fault of yours: its files are out of date" in check.message
    assert "no threshold 'size'" in check.message
    assert "your function" not in check.message


def test_generators_of_a_name_draw_the_same_for_all_of_a_key_and_are_no_others(
    tmp_path: Path,
) -> None:
    checks = (
        "import json, pathlib, pytest\n"
        "@pytest.fixture(scope='session')\n"
        "def drawn(rng_of):\n"
        "    names = ('a', 'a', 'b', 'check test_it')\n"
        "    return [int(rng_of(name).integers(2**62)) for name in names]\n"
        "@points(1)\ndef test_it(drawn, rng):\n"
        "    found = [*drawn, int(rng.integers(2**62))]\n"
        f"    pathlib.Path({str(tmp_path)!r}, 'drawn.json').write_text(json.dumps(found))\n"
    )
    files = [tmp_path / "visible.py"]
    files[0].write_text(HEAD + checks, "utf-8")
    seen = []
    for key in (b"one key", b"one key", b"another"):
        (check,) = run_checks(files, Shared(str, Thresholds(()), key), NOBODY)
        assert check.outcome is Outcome.PASSED, check.evidence
        seen.append(json.loads((tmp_path / "drawn.json").read_text("utf-8")))
    first, again, other = seen
    assert first == again
    assert not set(first) & set(other)
    a, same, b, of_the_check, rng = first
    assert a == same
    assert len({a, b, rng}) == 3
    assert of_the_check == rng
