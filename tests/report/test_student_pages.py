"""A student's page is readable, complete and inert."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.report import student_pages
from autograder.result import Answer, Check, Outcome, Result, Review, Status, Visibility
from autograder.text import printable

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/pixel.png)",
    "http://evil.example www.evil.example me@evil.example",
    "<javascript:alert(1)>",
    "# heading",
    "- item",
    "1. item",
    "1) item",
    "> quote",
    "| a | b |",
    "```\ncode\n```",
    "````\n```\n````\n<b>",
    "~~~\nx",
    "&lt;b&gt; &#60;",
    "[a]: http://evil.example",
    "*bold* _it_ `code` ~~no~~",
    "text\n===\nmore",
    "\x1b[31mred\x1b[0m\u202eevil",
    "    indented",
    "\\` \\\\* \\",
]
INERT = {"softbreak", "text", "text_special", "inline", "code_inline"}


def check(outcome: Outcome = Outcome.FAILED, **changes: Any) -> Check:
    known = {
        "id": "test_a",
        "title": "The output has one value for each car",
        "visibility": Visibility.HIDDEN,
        "points": 0.0,
        "max_points": 2.0,
    }
    return Check(**{**known, "outcome": outcome, **changes})


def result(student: str = "ada", **changes: Any) -> Result:
    known = {
        "exercise": "car_price",
        "source": "ada/car_price.ipynb",
        "sha256": "0",
        "key": "0123",
        "status": Status.GRADED,
        "checks": (check(),),
    }
    return Result(**{**known, "student": student, **changes})


def rendered(markdown: str) -> list[tuple[str, str]]:
    """Return (kind, content) of every block and inline part, as a strict renderer sees them."""
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(markdown)
    flat = [part for token in tokens for part in (token, *(token.children or ()))]
    return [(part.type, part.content) for part in flat]


def test_a_page() -> None:
    checks = (
        check(Outcome.PASSED, title="It builds", points=1.0, max_points=1.0),
        check(Outcome.PARTIAL, points=0.75, message="Off by 1250 euros.", borderline=True),
        check(Outcome.NOT_ATTEMPTED, title="It trains", message="Fill in train."),
    )
    page = student_pages.page(
        "ada", [result(checks=checks, notes=("Graded the latest of 2 files.",))]
    )
    assert page == (
        "# Results of ada\n"
        "\n"
        "## car_price: 1.75 of 5 points\n"
        "\n"
        "Handed in as ada/car_price.ipynb.\n"
        "\n"
        "| Check | Result | Points |\n"
        "| --- | --- | ---: |\n"
        "| It builds | passed | 1 of 1 |\n"
        "| The output has one value for each car | partly right (close to the limit)"
        " | 0.75 of 2 |\n"
        "| It trains | not attempted | 0 of 2 |\n"
        "\n"
        "### The output has one value for each car\n"
        "\n"
        "Off by 1250 euros.\n"
        "\n"
        "### It trains\n"
        "\n"
        "Fill in train.\n"
        "\n"
        "Notes:\n"
        "\n"
        "- Graded the latest of 2 files.\n"
    )


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_words(outcome: Any) -> None:
    assert "| |" not in student_pages.page("ada", [result(checks=(check(outcome),))])


def test_evidence_stays_with_the_instructor() -> None:
    hidden = check(evidence="LABELS 1 2 3", message="Not yet.")
    page = student_pages.page("ada", [result(checks=(hidden,))])
    assert "LABELS" not in page


def test_the_graders_fault_is_not_explained_in_its_own_words() -> None:
    page = student_pages.page(
        "ada", [result(status=Status.GRADER_ERROR, message="KeyError", checks=())]
    )
    assert "KeyError" not in page
    assert "our side" in page


def test_a_rejected_file_says_why() -> None:
    page = student_pages.page(
        "ada", [result(status=Status.REJECTED, message="It is empty.", checks=())]
    )
    assert "could not be graded" in page
    assert "It is empty." in page


def test_the_demonstration_key_is_mentioned() -> None:
    assert "demonstration key" in student_pages.page("ada", [result(key="public-demo")])
    assert "demonstration key" not in student_pages.page("ada", [result()])


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_inert(hostile: Any) -> None:
    graded = result(
        student=hostile,
        source=hostile,
        message=hostile,
        notes=(hostile,),
        checks=(check(title=hostile, message=hostile),),
    )
    plain = result(
        student="x", source="x", message="x", notes=("x",), checks=(check(title="x", message="x"),)
    )
    page = student_pages.page(hostile, [graded])
    fences = {"fence"}
    kinds = [kind for kind, _ in rendered(page) if kind not in INERT | fences]
    expected = [kind for kind, _ in rendered(student_pages.page("x", [plain])) if kind not in INERT]
    assert _without_paragraphs(kinds) == _without_paragraphs(expected)
    assert "\x1b" not in page
    assert "\u202e" not in page


def _without_paragraphs(kinds: list[str]) -> list[str]:
    # A message of several lines is a fence where a short one is a paragraph.
    return [kind for kind in kinds if not kind.startswith("paragraph")]


@given(st.text(max_size=60) | st.text("`*_[]<>&|~#!$@:/\\-+=.1) wa\n", max_size=40))
def test_inert_text_is_shown_as_it_is(raw: Any) -> None:
    shown = student_pages.inert(raw)
    assert "\n" not in shown
    kinds = {kind for kind, _ in rendered(shown)}
    assert kinds <= {"paragraph_open", "paragraph_close", *INERT}
    ticks = {"text": "", "code_inline": "`"}
    seen = "".join(ticks[k] + part + ticks[k] for k, part in rendered(shown) if k in ticks)
    assert seen.split() == " ".join(printable(raw).split()).split()


@given(st.text(max_size=60) | st.text("`~\n a", max_size=60))
def test_no_text_leaves_its_fence(raw: Any) -> None:
    ((kind, content),) = rendered("\n".join(student_pages.fenced(raw)))
    assert kind == "fence"
    assert content.strip("\n") == printable(raw).strip("\n")


@pytest.mark.parametrize("call", ["causal_mask(3)", "f()", "positions(3, 4)", "pool(size=2)"])
def test_calls_in_backticks_are_code(call: str) -> None:
    assert student_pages.inert(f"`{call}` is *right*") == f"`{call}` is \\*right\\*"
    assert student_pages.inert(f"`{call}<b>`") != f"`{call}<b>`"


def test_names_in_backticks_are_code() -> None:
    assert student_pages.inert("`build_model` and `a b` of car_price_") == (
        r"`build_model` and \`a b\` of car_price\_"
    )


def test_one_message_is_said_once() -> None:
    checks = [check(title=title, message="Not written yet.") for title in ("One", "Two", "Three")]
    page = student_pages.page("ada", [result(checks=tuple(checks))])
    assert "### One\n\nNot written yet.\n\nThe same for:\n\n- Two\n- Three\n" in page
    assert page.count("Not written yet.") == 1


def test_links_are_not_made_of_addresses() -> None:
    shown = student_pages.inert("see http://evil.example, WWW.evil.example or me@evil.example")
    assert "http\\://" in shown
    assert "WWW\\." in shown
    assert "me\\@" in shown


def test_each_student_has_a_page(tmp_path: Path) -> None:
    names = ["ada", "Ada", "ada-2", "", "CON", "a/b", "a\\b"]
    student_pages.write(
        tmp_path, (result(name, exercise=e) for name in sorted(names) for e in "ab")
    )
    paths = list((tmp_path / "students").iterdir())
    assert len({path.name.casefold() for path in paths}) == len(names)
    ada = (tmp_path / "students" / "Ada.md").read_text("utf-8")
    assert ada.startswith("# Results of Ada\n")
    assert ada.index("## a:") < ada.index("## b:")


@given(st.sets(st.text(max_size=12) | st.sampled_from(["A", "a", "a-2", "\u00df", "ss"])))
def test_page_names_are_distinct_on_every_file_system(names: Any) -> None:
    files = student_pages.FileNames()
    assert len({files.name(name).casefold() for name in sorted(names)}) == len(names)


def test_an_open_question_is_shown_as_open_and_a_decided_one_with_its_comment() -> None:
    waiting = check(Outcome.OPEN, title="Why?", answer=Answer("secret *of* Ada"))
    decided = replace(waiting, title="How?", points=0.0, outcome=Outcome.FAILED)
    decided = replace(decided, review=Review("See <b>chapter</b> 3.", 0.0, Outcome.OPEN))
    adjusted = check(Outcome.PASSED, title="It builds", points=2.0, message="hint")
    adjusted = replace(adjusted, review=Review("The statement was unclear.", 0.5, Outcome.PARTIAL))
    page = student_pages.page("Ada", [result(checks=(waiting, decided, adjusted))])
    assert "car_price: 2 of 6 points, 2 still open" in page
    assert "| Why? | waiting for a person | ? of 2 |" in page
    assert "| How? | not yet (graded by a person) | 0 of 2 |" in page
    assert "| It builds | passed (adjusted by a person) | 2 of 2 |" in page
    assert "See \\<b\\>chapter\\</b\\> 3." in page
    assert "The statement was unclear." in page
    assert "secret" not in page


def test_a_comment_without_points_changes_nothing_else() -> None:
    plain = check(points=1.0, outcome=Outcome.PARTIAL, message="hint")
    noted = replace(plain, review=Review("Well tried.", 1.0, Outcome.PARTIAL))
    before, after = (student_pages.page("Ada", [result(checks=(c,))]) for c in (plain, noted))
    assert after.startswith(before.rstrip("\n"))
    assert after.endswith("Well tried.\n")
