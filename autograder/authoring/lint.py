"""The faults of an exercise that its files show before anything is graded, as sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.authoring import release, threshold_names
from autograder.authoring.stub import cell_id
from autograder.authoring.verify import Case, cases, read_answers
from autograder.course.exercise import Exercise, settings_of
from autograder.errors import FaultyExercise, UnreadableNotebook
from autograder.notebooks import reader
from autograder.runner.collection import Collected, collect

__all__ = ["faults", "refuse"]

_TRAINING_LIBRARIES = ("keras", "tensorflow", "tf_keras", "torch", "jax")


def refuse(exercises: Iterable[Exercise]) -> None:
    """Raise FaultyExercise with all faults of these exercises; do nothing where there is none.

    Raises the CourseError of a file that cannot be read at all.
    """
    found = [fault for exercise in exercises for fault in faults(exercise)]
    if found:
        raise FaultyExercise("\n".join(found))


def faults(exercise: Exercise) -> list[str]:
    """Return a sentence for each fault, with the file, the line and the way out.

    Raises SettingsError, ReleaseError, AnswerError and UnlabelledWrongAnswer.
    """
    model = list(_model(exercise))
    release.notebook_bytes(exercise)
    read_answers(exercise)
    answers = list(cases(exercise))
    trees, of_checks = _parsed(exercise)
    of_files = [*model, *_cells(exercise), *of_checks]
    if of_files:  # collecting runs the files: one that imports Keras takes long
        return of_files
    found = collect(exercise)
    if found.faults:
        return list(found.faults)
    return [
        *_strangers(answers, found),
        *threshold_names.strangers(exercise, trees, found.thresholds),
        *threshold_names.unmeasured(exercise, trees, found.thresholds),
    ]


def _model(exercise: Exercise) -> Iterator[str]:
    name = settings_of(exercise).model
    path = exercise.authored / name
    if name and not path.is_file():
        there = ", ".join(sorted(p.name for p in exercise.authored.glob("*.keras"))) or "none"
        yield (
            f'{exercise.authored / "exercise.toml"}: model = "{name}", and {path} is not there; '
            f"there: {there}. Save the model of the reference solution under this name."
        )


def _cells(exercise: Exercise) -> Iterator[str]:
    """Yield each code cell of the solution without an id."""
    path = exercise.solution
    try:
        notebook = reader.read(path.read_bytes(), path.suffix)
    except UnreadableNotebook as error:
        yield f"{path}: {error}"
        return
    known = ", ".join(cell.id for cell in notebook.code if cell.id) or "none"
    for cell in notebook.code:
        if not cell.id:
            yield (
                f"{path}:{cell.line}: this code cell has no id; ids so far: {known}. Write "
                f'# %% id="{cell_id(cell)}" above it: by its id a cell is known in the '
                "notebooks that students hand in."
            )


def _parsed(exercise: Exercise) -> tuple[dict[Path, ast.Module], list[str]]:
    """Return the files of the checks, parsed, and a sentence for each fault in them."""
    trees, found = {}, []
    for path in (exercise.conftest, exercise.visible, exercise.hidden):
        if not path.is_file():
            if path != exercise.conftest:
                found.append(f"{path} is not there: an exercise has a visible.py and a hidden.py.")
            continue
        try:
            trees[path] = ast.parse(path.read_bytes(), str(path))
        except SyntaxError as error:
            found.append(f"{path}:{error.lineno}: a syntax error: {error.msg}")
            continue
        found += _of_tree(trees[path], path)
    return trees, found


def _of_tree(tree: ast.Module, path: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg is None:
            yield (
                f"{path}:{node.lineno}: this assert has no message. Write one after a comma: it "
                "is what a student reads who does not pass."
            )
        library = next((name for name in _imported(node) if name in _TRAINING_LIBRARIES), None)
        if library is not None:
            yield _uses_library(path, getattr(node, "lineno", 1), library)
        if isinstance(node, ast.Call):
            yield from _worth(node, path)
    if path.name == "conftest.py":
        return
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in functions:
        if node.name.startswith("test_") and not ast.get_docstring(node):
            yield (
                f"{path}:{node.lineno}: the check {node.name} has no docstring. Its first "
                "paragraph is the title that a student reads."
            )


def _worth(call: ast.Call, path: Path) -> Iterator[str]:
    """Yield a sentence for points that are written as something else than a number."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "points"]
    if isinstance(call.func, ast.Name) and call.func.id == "points":
        named += call.args[:1]
    for worth in named:
        if isinstance(worth, ast.Constant) and type(worth.value) not in (int, float):
            yield (
                f"{path}:{worth.lineno}: a check is worth a positive number of points, not "
                f"{worth.value!r}"
            )


def _imported(node: ast.AST) -> list[str]:
    """Return the packages that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [(node.module or "").partition(".")[0]]
    return []


def _uses_library(path: Path, line: int, library: str) -> str:
    return (
        f"{path}:{line}: checks must not import {library}: it would be loaded again for every "
        "submission, and its threads do not survive the fork that grades a submission. Write what "
        "is right in NumPy (an Oracle), take it from the fixture `reference`, or ask the student's "
        "Model, which the evaluator answers: model.predict(x), model.layers, autograder.expect."
    )


def _strangers(answers: Iterable[Case], found: Collected) -> Iterator[str]:
    """Yield each check that a wrong answer names and that does not exist."""
    known = [check.id for check in found.checks]
    for case in answers:
        for name in sorted(case.fails.difference(known)):
            yield (
                f"{case.path}:1: there is no check {name!r}; known: {', '.join(known)}. Name the "
                "checks at which the answer must lose points."
            )
