"""Does what `list`, `start` and `check` do, on any system that a student may have."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from autograder.commands.check_display import print_check
from autograder.commands.resolve import released_names, released_root, root_options
from autograder.errors import UnreadableFile, UnreadableNotebook
from autograder.notebooks import reader
from autograder.notebooks.reader import Notebook
from autograder.result import Outcome
from autograder.submissions import platforms
from autograder.submissions.answers import Answer, exercise_answered
from autograder.submissions.collect import collect
from autograder.submissions.owners import own_stem

_NAMES_KERAS = re.compile(r"\b(?:keras|tensorflow)\b")


def list_exercises(root: Path | None) -> None:
    """Print a line for each exercise, as the course's README describes it."""
    folder = released_root(root)
    path = folder / "README.md"
    index = path.read_text("utf-8").splitlines() if path.is_file() else []
    for name in released_names(folder):
        line = next((line for line in index if f"({name}/" in line or f"`{name}`" in line), name)
        click.echo(f"{name:16} {_plain(line, name)}".rstrip())


def start(exercise: str, folder: Path, root: Path | None) -> None:
    """Copy the files of a released exercise to `folder`; overwrites none.

    Prints the next command; it works in any folder, since it names the notebook and the course.
    Raises click.UsageError for an unknown exercise, and click.ClickException where the folder has
    a file of the same name.
    """
    released = released_root(root) / exercise
    if not (released / "visible.py").is_file():
        names = ", ".join(released_names(released.parent))
        raise click.UsageError(f"no exercise {exercise!r}; there: {names}")
    files = [path for path in sorted(released.iterdir()) if path.is_file()]
    taken = [path.name for path in files if (folder / path.name).exists()]
    if taken:
        raise click.ClickException(f"{folder} already has {', '.join(taken)}: nothing was changed")
    folder.mkdir(parents=True, exist_ok=True)
    for path in files:
        shutil.copyfile(path, folder / path.name)
    notebook = (folder / f"{exercise}.ipynb").resolve()
    words = ("autograder", "check", str(notebook), *root_options(released.parent))
    click.echo(f"Open {notebook}, fill in the functions, then:\n{_command_line(words)}")


def _command_line(words: tuple[str, ...]) -> str:
    """Return words as a line for the shell of this system."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def check(file: Path, root: Path | None, exercise: str | None = None) -> int:
    """Run the visible checks on a file, print each, and return the exit code.

    `exercise` is the exercise that the file answers, whatever the file itself says. Raises
    click.UsageError where the file or its exercise is not found, click.ClickException where the
    file cannot be read, and ReleaseError where the released exercise is out of date.
    """
    from autograder.authoring import release

    read = read_as_grade_does(file, released_names(released_root(root)))
    released, note = released_for(file, read.exercise or "", root, exercise)
    release.require_current(released)
    with _silent():
        from autograder.selfcheck import file as local

        # Without, TensorFlow is loaded where something needs it, which takes seconds.
        if any(_NAMES_KERAS.search(cell.source) for cell in read.code):
            import keras

            keras.ops.zeros(1)  # looks for a GPU, and says what it finds
    # As in Jupyter, where a notebook finds its data beside it.
    with contextlib.chdir(file.resolve().parent):
        untouched = released / f"{released.name}.ipynb"
        checks, notes = local.check(Path(file.name), _checks_of(file, released), untouched)
    console = Console()
    for warning in (*read.warnings, *([note] if note else []), *notes):
        console.print(f"[yellow]note[/] {escape(warning)}", highlight=False)
    for result in checks:
        print_check(console, result)
    failed = [result for result in checks if result.outcome is not Outcome.PASSED]
    console.print(
        f"{len(checks) - len(failed)} of {len(checks)} visible checks pass."
        " Hidden ones follow when it is graded."
    )
    return 1 if failed else 0


def read_as_grade_does(file: Path, exercises: tuple[str, ...]) -> Notebook:
    """Return the cells of a file that `grade` would grade if it were handed in like this.

    Whether it says which of the `exercises` it answers is not asked here. Raises click.UsageError
    where there is no such file, and click.ClickException with the reason for which `grade` would
    reject it.
    """
    if not file.is_file():
        raise click.UsageError(f"no such file: {file}")
    found = collect([file], exercises, exercise=next(iter(exercises), None))
    for refusal in found.rejected:
        raise click.ClickException(f"{file}: {refusal.reason}")
    (submission, *_) = found.submissions
    if submission.location.members:
        raise click.ClickException(
            f"{file} is an archive. Unpack it, and check what `grade` would take out of it: "
            f"{submission.source}"
        )
    try:
        return reader.read(submission.read(), submission.suffix)
    except (UnreadableFile, UnreadableNotebook) as error:
        raise click.ClickException(f"{file}: {error}") from None


def released_for(
    file: Path, stated: str, root: Path | None, exercise: str | None = None
) -> tuple[Path, str]:
    """Return the released folder of the exercise that `file` answers, and a note on the choice.

    `exercise` is the exercise by option, `stated` the exercise that the notebook's metadata name.
    Without the option, `grade` decides by the same rule. Raises click.UsageError for an option
    that names no exercise, and where nothing names an exercise.
    """
    folder = released_root(root)
    names = released_names(folder)
    known = ", ".join(names)
    if exercise is not None:
        if exercise not in names:
            raise click.UsageError(f"no exercise {exercise!r} in {folder}; there: {known}")
        return folder / exercise, ""
    stem = own_stem(file.name, platforms.parse(file.name))
    answer = exercise_answered(stated, stem, file.resolve().parent.parts, names)
    if answer is not None:
        return folder / answer.exercise, answer.note or (
            "" if answer.is_sure else _unsure(file, answer)
        )
    if stated:
        raise click.UsageError(
            f"{file} is the notebook of {stated}, which {folder} does not have; there: {known}. "
            "Name its course with --root"
        )
    raise click.UsageError(
        f"{file} does not say which exercise it answers: name it like one of {known}, or name the "
        "exercise with --exercise"
    )


def _unsure(file: Path, answer: Answer) -> str:
    """Return a note on a file that may answer no exercise once it lies elsewhere."""
    return (
        f"Only the folder says that {file.name} answers {answer.exercise}. Name it like "
        f"{answer.exercise}{file.suffix} before you hand it in: folders may get lost on the way."
    )


def _checks_of(file: Path, released: Path) -> Path:
    """Return the folder of checks and data: the file's own folder where it holds all of them.

    A course with a key of its own hands out other rows than those that come with this package.
    """
    beside = file.resolve().parent
    needed = {path.name for path in released.iterdir() if path.is_file()} - {
        f"{released.name}.ipynb"
    }
    return beside if all((beside / name).is_file() for name in needed) else released


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Drop what TensorFlow's libraries write to stderr while they are loaded."""
    stderr = os.dup(2)
    try:
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


def _plain(line: str, name: str) -> str:
    text = line.lstrip("0123456789.-*| ").replace(f"[{name}]({name}/)", "").replace("`", "")
    return text.replace("**", "").strip(" :|—-")
