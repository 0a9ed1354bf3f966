"""The command line: help, wrong calls, and what `list`, `start`, `check` and `release` do."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.commands.group import COMMANDS
from autograder.commands.resolve import released_names, released_root

ROOT = Path(__file__).parents[2]


def call(*arguments: str | Path) -> Result:
    """Run one command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def course(toy_course: Path) -> Path:
    """The toy course, released."""
    done = call("release", "--root", toy_course)
    assert done.exit_code == 0, done.output
    return toy_course


@pytest.fixture
def work(course: Path, tmp_path: Path) -> Path:
    """A student's folder with the exercise just started."""
    done = call("start", "line", tmp_path / "hw", "--root", course)
    assert done.exit_code == 0, done.output
    return tmp_path / "hw"


def check(
    file: Path, course: Path, *program: str | Path, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run `check` on a file in a process of its own, far from the file's folder."""
    program = program or ("-m", "autograder.cli")
    command = [sys.executable, *program, "check", file, "--root", course]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding=env.get("PYTHONIOENCODING", "utf-8"),
        check=False,
        timeout=180,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **env},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    for option in ("--help", "-h"):
        shown = call(command, option)
        assert shown.exit_code == 0
        assert shown.output.startswith("Usage:")
        assert "Exits 0" in shown.output, "every exit code is in the help"
    assert command in call("--help").output


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_of_commands_says_what_the_command_says(command: str) -> None:
    real = main.get_command(Context(main), command)
    assert real is not None
    assert real.name == command
    assert real.get_short_help_str(limit=200) == COMMANDS[command]


def test_a_shell_completes_the_names_of_commands() -> None:
    completed = main.shell_complete(Context(main), "re")
    assert [(item.value, item.help) for item in completed] == [("release", COMMANDS["release"])]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("grade", "Missing argument"),
        ("grade {course}", "Missing option '-o'"),
        ("grade {tmp}/nowhere -o {tmp}/out --root {course}", "no file or folder"),
        ("grade {tmp} -o {tmp}/out --root {course} --exercise curve", "no exercise 'curve'"),
        ("grade {tmp} -o {tmp}/out --root {course} --workers 0", "--workers"),
        ("grade {tmp} -o {tmp}/out --root {course} --secret {tmp}/short", "at least 16"),
        ("grade {tmp} -o {tmp}/out --root {course} --secret {tmp}/none", "no such file"),
        ("grade {tmp} -o {tmp}/out --root {tmp}", "solutions/"),
        ("list --root {tmp}", "no exercises/README.md"),
        ("start curve {tmp}/hw --root {course}", "no exercise 'curve'; there: line"),
        ("check {tmp}/nowhere.ipynb --root {course}", "no such file"),
        ("check {tmp}/essay.py --root {course}", "name it like one of line"),
        ("release curve --root {course}", "no exercise 'curve'"),
        ("release --root {course} --secret {tmp}/long", "--to"),
        ("verify curve --root {course}", "no exercise 'curve'"),
        ("marks", "No such command"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    arguments: str, words: str, course: Path, tmp_path: Path
) -> None:
    (tmp_path / "short").write_text("secret")
    (tmp_path / "long").write_text("0123456789abcdef0123456789abcdef")
    (tmp_path / "essay.py").write_text("print('all my own work')\n")
    done = call(*(word.format(course=course, tmp=tmp_path) for word in arguments.split()))
    assert done.exit_code == 2, done.output
    assert words in " ".join(done.output.split())
    assert not (tmp_path / "out").exists()


def test_a_key_is_never_printed(course: Path, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("hunter2hunter2")
    done = call("release", "--root", course, "--secret", tmp_path / "short", "--to", tmp_path)
    assert done.exit_code == 2
    assert "hunter2" not in done.output


def test_list_shows_the_index(course: Path) -> None:
    shown = call("list", "--root", course)
    assert shown.exit_code == 0
    assert shown.output.split(maxsplit=1) == ["line", "fit a line to the price of a car\n"]


def test_start_gives_all_that_was_released(course: Path, work: Path) -> None:
    released = course / "exercises" / "line"
    names = {"line.ipynb", "cars.csv", "data.json", "conftest.py", "visible.py"}
    assert {path.name for path in work.iterdir()} == names
    assert all((work / name).read_bytes() == (released / name).read_bytes() for name in names)


@pytest.fixture
def handout(course: Path, tmp_path: Path) -> Path:
    """What `release --to` wrote, where no folder above it is a course."""
    done = call("release", "--root", course, "--to", tmp_path / "our handout")
    assert done.exit_code == 0, done.output
    return tmp_path / "our handout"


def test_what_release_wrote_is_a_course_for_students(
    handout: Path, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("list", "--root", handout).output == call("list", "--root", course).output
    done = call("start", "line", tmp_path / "hw", "--root", handout)
    assert done.exit_code == 0, done.output
    released = {path.name for path in (handout / "line").iterdir()}
    assert {path.name for path in (tmp_path / "hw").iterdir()} == released
    monkeypatch.chdir(handout / "line")
    assert call("list").output == call("list", "--root", course).output


def test_a_list_of_exercises_is_written_where_none_is(
    course: Path, handout: Path, tmp_path: Path
) -> None:
    index = course / "exercises" / "README.md"
    assert (handout / "README.md").read_bytes() == index.read_bytes()
    (handout / "README.md").write_text("Ours: [line](line/)\n")
    call("release", "--root", course, "--to", handout)
    assert (handout / "README.md").read_text() == "Ours: [line](line/)\n"
    shutil.copytree(course, tmp_path / "bare")
    (tmp_path / "bare" / "exercises" / "README.md").unlink()
    call("release", "--root", tmp_path / "bare", "--to", tmp_path / "listed")
    assert call("list", "--root", tmp_path / "listed").output.split() == ["line"]


@pytest.mark.parametrize("kind", ["authored", "handed out"])
def test_the_command_that_start_prints_runs_anywhere(
    kind: str, course: Path, handout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = course if kind == "authored" else handout
    monkeypatch.chdir(tmp_path)
    done = call("start", "line", "my work", "--root", os.path.relpath(root))
    printed = shlex.split(done.output.splitlines()[-1])
    monkeypatch.chdir("/")
    program, *arguments = printed
    assert program == "autograder"
    notebook = tmp_path / "my work" / "line.ipynb"
    assert arguments[1] == str(notebook.resolve())
    notebook.write_text("{")  # so that it is read, and nothing is run
    shown = call(*arguments)
    assert shown.exit_code == 1
    assert "the file breaks off at line 1" in shown.output
    asked = released_root(Path(printed[printed.index("--root") + 1]))
    assert released_names(asked) == ("line",)


def test_a_folder_of_work_is_no_course(work: Path) -> None:
    shutil.copytree(work, work.parent / "line")
    (work.parent / "README.md").write_text("My homework\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(work.parent)
        assert "car_price" in call("list").output, "the built-in exercises"


def test_start_never_overwrites(course: Path, work: Path) -> None:
    (work / "line.ipynb").write_text("hours of work")
    (work / "cars.csv").unlink()
    done = call("start", "line", work, "--root", course)
    assert done.exit_code == 1
    assert "line.ipynb" in done.output
    assert "nothing was changed" in done.output
    assert (work / "line.ipynb").read_text() == "hours of work"
    assert not (work / "cars.csv").exists()


def test_a_course_with_its_own_key_hands_out_other_rows(course: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("0123456789abcdef0123456789abcdef")
    done = call("release", "--root", course, "--secret", key, "--to", tmp_path / "ours")
    assert done.exit_code == 0, done.output
    ours, public = tmp_path / "ours" / "line", course / "exercises" / "line"
    assert (ours / "visible.py").read_bytes() == (public / "visible.py").read_bytes()
    assert (ours / "cars.csv").read_bytes() != (public / "cars.csv").read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("line.ipynb", "{ cells: [", "is not valid JSON"),
        ("line.ipynb", '{"cells": [], "nbformat": 4}', "no code cell"),
        ("line.ipynb", "", "is empty"),
        ("line.pdf", "%PDF-1.4", "hand in an .ipynb or .py file"),
    ],
)
def test_check_says_why_it_cannot_read_a_file(
    name: str, content: str, words: str, course: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    done = call("check", tmp_path / name, "--root", course)
    assert done.exit_code == 1
    assert words in done.output
    assert name in done.output


@pytest.mark.slow
def test_check_and_start_need_nothing_that_only_linux_has(course: Path, tmp_path: Path) -> None:
    driver = str(Path(__file__).with_name("elsewhere_driver.py"))
    command = [sys.executable, driver, "start", "line", str(tmp_path / "hw"), "--root", str(course)]
    subprocess.run(command, check=True, timeout=60, cwd=ROOT)
    shutil.copy(course / "solutions" / "line" / "solution.py", tmp_path / "hw" / "line.py")
    done = check(tmp_path / "hw" / "line.py", course, driver)
    assert done.returncode == 0, done.stderr
    assert "✓ Values are divided by the largest" in done.stdout
    assert "2 of 2 visible checks pass" in done.stdout
    imported = {name for name in done.stdout.split() if name.startswith("autograder.sandbox.")}
    pure = {f"autograder.sandbox.{name}" for name in ("limits", "channel", "errors")}
    assert imported <= pure


@pytest.mark.parametrize("command", ["grade . -o out", "verify"])
def test_grading_elsewhere_is_refused_in_a_sentence(command: str, course: Path) -> None:
    driver = Path(__file__).with_name("elsewhere_driver.py")
    done = subprocess.run(
        [sys.executable, driver, *command.split(), "--root", course],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: grading needs Linux")
    assert "`check` work here" in done.stderr


@pytest.mark.slow
def test_check_fails_with_the_hint(course: Path, work: Path) -> None:
    answer = (
        "# %%\nimport keras, numpy as np\nrows = np.loadtxt('cars.csv', delimiter=',', skiprows=1)"
        "\ndef scale(values):\n    return values / 2\n"
        "# %%\nprint(no_such_name)\n"
        "def build_model(x_train):\n"
        "    assert len(x_train) == len(rows)\n"
        "    return keras.Sequential([keras.Input((7,)), keras.layers.Dense(3)])\n"
    )
    (work / "line.py").write_text(answer)
    done = check(work / "line.py", course)
    assert done.returncode == 1
    assert "not every value is right" in done.stdout
    assert "✗ The model has one output\n    (None, 1) is expected, not (None, 3)" in done.stdout
    assert "note Code cell 2 raised NameError" in done.stdout
    assert "0 of 2 visible checks pass" in done.stdout
    assert done.stderr == "", "TensorFlow's own log is nothing for a student"


@pytest.mark.slow
def test_check_works_in_a_terminal_without_unicode(course: Path, tmp_path: Path) -> None:
    # Alone, without the released files beside it: those that come with the course are used.
    answer = "def scale(values):\n    raise ValueError('zu groß ✗')\n"
    (tmp_path / "line.py").write_text(answer, "utf-8")
    done = check(tmp_path / "line.py", course, PYTHONIOENCODING="cp1252")
    assert done.returncode == 1
    assert "no Values are divided by the largest" in done.stdout
    assert '`scale` raised ValueError: "zu groß \\u2717"' in done.stdout
    assert "There is no function `build_model`" in done.stdout
