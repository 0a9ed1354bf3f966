"""Questions that a person grades: open, shown with what was handed in, and never a zero."""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring import release
from autograder.authoring.stub import blank_out
from autograder.course.exercise import Root, settings_of
from autograder.course.manual import PROMPT
from autograder.errors import AdjustmentError, MissingPath, ReleaseError, SettingsError
from autograder.grading import adjustments
from autograder.grading.progress import Progress
from autograder.grading.reviews import reviews_of, write_pictures
from autograder.grading.session import grade
from autograder.notebooks import reader
from autograder.report import question_page
from autograder.result import Check, Outcome, Result, Status
from autograder.submissions.collect import collect
from autograder.submissions.submission import Collected

QUESTIONS = """
# %% [markdown] id="why"
# Why are values scaled?
#
# ### BEGIN SOLUTION
# Because steps are then of one size.
# ### END SOLUTION

# %% [markdown] id="sketch"
# Hand in `sketch.png`, and say what it shows: ...
"""
TABLES = """
[manual.why]
title = "Why are values scaled?"
points = 2

[manual.sketch]
title = "A sketch of the line"
points = 1.5
upload = "sketch.png"
"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


@pytest.fixture
def asking(edited_course: Callable[..., Path]) -> Root:
    """The toy course with two questions."""
    root = edited_course()
    line = root / "solutions" / "line"
    for name, more in (("solution.py", QUESTIONS), ("exercise.toml", TABLES)):
        path = line / name
        path.write_text(path.read_text("utf-8") + more, "utf-8")
    return Root(root)


def handed_in(asking: Root, folder: Path, *, keep_ids: bool = True, **answers: str) -> Path:
    """Write Ada's notebook: what was released, with these texts; `more` is a cell of its own."""
    value = json.loads(release.files(asking.exercise("line"))["line.ipynb"])
    for cell in value["cells"]:
        cell["source"] = [answers.pop(cell["id"], "".join(cell["source"]))]
        if not keep_ids:
            del cell["id"]
    value["cells"] += [
        {"cell_type": "markdown", "source": text, "metadata": {}} for text in answers.values()
    ]
    path = folder / "ada" / "line.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def collected(asking: Root, folder: Path) -> Collected:
    uploads = {"line": tuple(m.upload for m in settings_of(asking.exercise("line")).manual)}
    return collect([folder], asking.names(), pictures=uploads)


def completed(asking: Root, folder: Path, adjustments: Path | None = None) -> Result:
    """Return Ada's result with what people contribute; no check has run."""
    found = collected(asking, folder)
    (submission,) = found.submissions
    graded = Result("ada", "line", "a", submission.sha256, "k", Status.GRADED)
    return reviews_of(asking, found, adjustments).complete(graded, submission)


def text_of(check: Check) -> str:
    assert check.answer is not None
    return check.answer.text


def test_a_question_is_open_and_shows_what_was_written(asking: Root, tmp_path: Path) -> None:
    handed_in(asking, tmp_path / "hw", why="Else a <b>large</b> value counts most.")
    result = completed(asking, tmp_path / "hw")
    why, sketch = result.checks
    assert [why.outcome, sketch.outcome] == [Outcome.OPEN, Outcome.OPEN]
    assert text_of(why) == "Else a <b>large</b> value counts most."
    assert (result.score, result.max_score, result.open_points) == (0, 3.5, 3.5)
    assert sketch.answer is not None
    assert "There is no sketch.png." in sketch.answer.note


@pytest.mark.parametrize("keep_ids", [True, False])
def test_an_answer_in_a_cell_of_its_own_is_found(
    keep_ids: bool, asking: Root, tmp_path: Path
) -> None:
    handed_in(asking, tmp_path / "hw", keep_ids=keep_ids, more="My answer is: steps.")
    why, _ = completed(asking, tmp_path / "hw").checks
    assert text_of(why) == "My answer is: steps."
    assert why.answer is not None
    assert "all text that was added" in why.answer.note


def test_an_untouched_notebook_shows_nothing_and_is_open(asking: Root, tmp_path: Path) -> None:
    handed_in(asking, tmp_path / "hw")
    for check in completed(asking, tmp_path / "hw").checks:
        assert text_of(check) == ""
        assert check.outcome is Outcome.OPEN


def test_students_get_no_answer_but_a_prompt(asking: Root) -> None:
    exercise = asking.exercise("line")
    files = release.files(exercise)
    assert b"steps are then of one size" not in b"".join(files.values())
    assert PROMPT.encode() in files["line.ipynb"]
    assert "Because steps are then of one size." in release.secret_lines(exercise)
    for cell in reader.read(exercise.solution.read_bytes(), ".py").cells:
        if cell.id == "why":
            assert blank_out(cell, exercise.solution) == f"Why are values scaled?\n\n{PROMPT}"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("sketch.png", PNG, ""),
        ("Sketch (2).JPG", JPEG, ""),
        ("sketch.png", b"<svg onload=alert(1)>", "is no PNG and no JPEG"),
        ("sketch.png", PNG + bytes(11_000_000), "larger than 10 MB"),
        ("IMG_1.png", PNG, "Other pictures: hw/ada/IMG_1.png"),
    ],
)
def test_a_picture_is_shown_if_it_is_small_and_looks_like_a_picture(
    name: str, content: bytes, words: str, asking: Root, tmp_path: Path
) -> None:
    handed_in(asking, tmp_path / "hw")
    (tmp_path / "hw" / "ada" / name).write_bytes(content)
    _, sketch = completed(asking, tmp_path / "hw").checks
    assert sketch.answer is not None
    assert words in sketch.answer.note
    write_pictures(tmp_path / "out", collected(asking, tmp_path / "hw"))
    if words:
        assert not sketch.answer.picture
        assert not (tmp_path / "out").exists()
    else:
        assert (tmp_path / "out" / sketch.answer.picture).read_bytes() == content
        assert sketch.answer.picture.endswith(".jpg" if content == JPEG else ".png")


def test_the_instructors_page_shows_text_as_text(asking: Root, tmp_path: Path) -> None:
    handed_in(asking, tmp_path / "hw", why="<script>alert(1)</script> & \x1b[31m")
    (tmp_path / "hw" / "ada" / "sketch.png").write_bytes(PNG)
    result = completed(asking, tmp_path / "hw")
    path = question_page.write(tmp_path, [result])
    assert path is not None
    page = path.read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; \\x1b[31m" in page
    assert '<img src="pictures/' in page
    rows = html.unescape(page.rpartition("<pre>")[2].partition("</pre>")[0])
    copied = tmp_path / "adjustments.csv"
    copied.write_text(f"{','.join(adjustments.COLUMNS)}\n{rows}")
    found = adjustments.read(copied).of("ada", "line")
    assert {id_: row.points for id_, row in found.items()} == {"why": None, "sketch": None}
    assert question_page.write(tmp_path, []) is None
    assert not path.exists()


def test_points_that_a_person_gave_close_a_question(asking: Root, tmp_path: Path) -> None:
    handed_in(asking, tmp_path / "hw", why="Steps.")
    path = asking.path / "adjustments.csv"
    path.write_text("student,exercise,check,points,comment\nada,line,why,1.5,Say which steps.\n")
    for _ in range(2):  # nothing is lost on the next run
        result = completed(asking, tmp_path / "hw")
        why, sketch = result.checks
        assert (why.outcome, why.points) == (Outcome.PARTIAL, 1.5)
        assert text_of(why) == "Steps."
        assert sketch.outcome is Outcome.OPEN
        assert (result.score, result.open_points) == (1.5, 1.5)
    path.write_text("student,exercise,check,points,comment\nada,line,test_scale,3,\n")
    with pytest.raises(AdjustmentError, match=r"adjustments\.csv:2: 3 points are more than the 2"):
        completed(asking, tmp_path / "hw")
    with pytest.raises(MissingPath):
        completed(asking, tmp_path / "hw", tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[manual.why]", "[manual.wy]", 'manual.wy has no cell.*id="wy"`; there: sketch, title'),
        ("[manual.why]", "[manual.test_why]", "is no id of a question"),
        ("points = 2", "points = 0", "manual.why.points is 0"),
        ("points = 2", 'points = "2"', "manual.why.points: expected"),
        ("points = 2\n", "", r"missing settings \['points'\] in manual.why"),
        ('"Why are values scaled?"', '""', "manual.why.title is empty"),
        ("upload", "uplaod", "unknown settings.*known: points, title, upload"),
        ("sketch.png", "../sketch.png", "manual.sketch.upload is"),
        ("sketch.png", "sketch.svg", "ends in .png, .jpg, .jpeg"),
    ],
)
def test_a_question_that_is_declared_wrongly_names_the_key(
    old: str, new: str, words: str, asking: Root
) -> None:
    path = asking.path / "solutions" / "line" / "exercise.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises((SettingsError, ReleaseError), match=words):
        release.files(asking.exercise("line"))


def test_an_exercise_without_questions_is_released_as_before(
    toy_course: Path, tmp_path: Path
) -> None:
    shutil.copytree(toy_course, tmp_path / "course")
    place = Root(tmp_path / "course")
    handed_in(place, tmp_path / "hw")
    assert completed(place, tmp_path / "hw").checks == ()


def test_points_for_a_file_that_has_no_grade_are_told(toy_course: Path, tmp_path: Path) -> None:
    (tmp_path / "hw" / "ada").mkdir(parents=True)
    (tmp_path / "hw" / "ada" / "line.py").symlink_to("/etc/hostname")
    path = tmp_path / "points.csv"
    path.write_text(f"{','.join(adjustments.COLUMNS)}\nada,line,test_scale,1,by hand\n")
    told: list[str] = []

    class Listening(Progress):
        def note(self, line: str) -> None:
            told.append(line)

    out, listening = tmp_path / "out", Listening()
    summary = grade(tmp_path / "hw", out, root=toy_course, adjustments=path, progress=listening)
    assert (summary.graded, summary.rejected) == (0, 1)
    assert told == [f"{path}: no effect yet of line 2: there is no grade that could be adjusted."]
