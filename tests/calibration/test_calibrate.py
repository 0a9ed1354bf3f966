"""The whole way from measured runs to a threshold that checks use and verify believes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from distributed import LocalCluster

from autograder.calibration.distributions import measured
from autograder.calibration.document import calibration_of, environment, libraries, rounded
from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.observation import Observation, observe
from autograder.calibration.plan import plan
from autograder.calibration.problems import problems, stale
from autograder.calibration.run_log import RunLog
from autograder.checks.thresholds import RETRY_SEEDS
from autograder.cli import main
from autograder.course import calibration_file
from autograder.course.calibration_file import Calibration
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import Root
from autograder.sandbox.spawn import Station

TRAINED_TOML = """
model = "net.keras"

[thresholds.error]
better = "lower"
what = "largest error of the trained model's predictions"
weak = ["off"]
"""
TRAINED_CHECK = '''"""Checks of doubles."""

import numpy as np

from autograder.checks import points


@points(1)
def test_error(student, thresholds):
    """The trained model doubles its input"""
    got = student.pretrained("net.keras").predict(np.array([[1.0], [3.0]], "float32"))
    error = thresholds.measure("error", np.abs(got - [[2.0], [6.0]]).max())
    assert error.met, "the predictions are too far off"
'''


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def _calibrated(course: Path, *more: str) -> tuple[Result, Calibration]:
    done = _run("calibrate", "--root", str(course), "--runs", "4", *more)
    path = course / "solutions" / "line" / "calibration.json"
    return done, calibration_file.read(path)


def test_every_honest_answer_runs_under_every_key_twice_a_weak_one_has_all_its_chances(
    course: Path,
) -> None:
    planned = list(plan(Root(course).exercise("line"), runs=8))
    honest = [run for run in planned if not run.weak]
    assert {run.answer for run in honest} == {"reference", "right/functional"}
    assert {run.answer for run in planned if run.weak} == {"wrong/too_large"}
    for answer in {run.answer for run in planned}:
        own = [(run.key, run.seed) for run in planned if run.answer == answer]
        assert len({key for key, _ in own}) == 2
        assert len(own) == len(set(own)) == 4
        if answer == "wrong/too_large":
            assert {(DEMO_KEY, seed) for seed in RETRY_SEEDS} < set(own)


def test_what_was_measured_is_kept_until_code_or_answer_change(course: Path) -> None:
    root = Root(course)
    exercise = root.exercise("line")
    planned = list(plan(exercise, runs=8))
    good = Observation(planned[0], {"size": 1.5}, {"size": {"a million": 1e6}}, 2.0)
    broken = Observation(planned[1], {}, {}, 0.0, "the machine went down")
    for seen in (good, broken):
        RunLog(exercise, root, libraries()).add(seen)
    assert RunLog(exercise, root, libraries()).among(planned) == [good]
    with next(exercise.authored.glob("*.jsonl")).open("a") as file:
        file.write('{"fits": {}, "run": "of an older version"}\n{"run": "cut sh')
    assert RunLog(exercise, root, libraries()).among(planned) == [good]

    other = exercise.solution.read_text("utf-8").replace("values.max()", "max(values)")
    changed = [replace(planned[0], task=replace(planned[0].task, content=other.encode()))]
    assert RunLog(exercise, root, libraries()).among(changed) == []
    other_library = RunLog(exercise, root, {**libraries(), "keras": "0.1"})
    assert other_library.among(planned) == []
    exercise.hidden.write_text(exercise.hidden.read_text("utf-8").replace("6.0", "7.0"))
    assert RunLog(exercise, root, libraries()).among(planned) == []
    RunLog(exercise, root, libraries()).forget()
    assert not list(exercise.authored.glob("*.jsonl"))


@pytest.mark.slow
def test_from_runs_to_a_threshold_that_holds(course: Path) -> None:
    done, calibration = _calibrated(course)
    shown = " ".join(done.output.split())
    assert "line: 7 runs of 3 answers (4 of honest answers, 3 of weak ones), 7 to grade" in shown
    assert "the first run will tell about how long" in shown
    assert "runs a minute, about" in shown
    assert "size (lower is better): right" in shown
    size = calibration.thresholds["size"]
    honest = [run.value for runs in size.honest.values() for run in runs]
    assert len(honest) == 4
    assert max(honest) < size.value < 1e4
    assert size.noise > 0, "two seeds gave the same model"
    assert set(size.false_pass) == {"wrong/too_large", "a million"}
    assert size.false_fail.upper_bound == pytest.approx(1 - 0.05 ** (1 / 4), rel=1e-4)
    assert calibration.thresholds["finite"].value == 0.5
    assert (course / "solutions" / "line" / "calibration.svg").read_text().startswith("<?xml")
    # Two answers tell next to nothing about a third: the fit says so, and it is no failure.
    assert done.exit_code == 0
    assert "! line: size: would fail" in shown

    done = _run("calibrate", "--root", str(course), "--runs", "8")
    shown = " ".join(done.output.split())
    assert "12 runs of 3 answers" in shown
    assert "7 are there and kept (--fresh grades anew), 5 to grade, about" in shown
    grown = calibration_file.read(course / "solutions" / "line" / "calibration.json")
    size = grown.thresholds["size"]
    for answer, runs in calibration.thresholds["size"].honest.items():
        assert set(runs) < set(size.honest[answer]), "a run that was there is another now"
    assert grown.policy.looks == (4, 8)

    assert _run("release", "--root", str(course)).exit_code == 0
    released = json.loads((course / "exercises" / "line" / "thresholds.json").read_text())
    assert released["size"]["value"] == size.value
    verified = _run("verify", "--root", str(course))
    assert verified.exit_code == 0, verified.output
    exercise = Root(course).exercise("line")
    assert list(stale(grown, exercise, Root(course))) == []
    exercise.hidden.write_text(
        exercise.hidden.read_text("utf-8").replace(".std(axis=0)", ".std(axis=0) ** 2")
    )
    assert any("metrics changed" in text for text in stale(grown, exercise, Root(course)))


def _write_trained(path: Path, weight: float) -> None:
    """Save a model that multiplies its input by `weight`."""
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[weight]]), np.array([0.0])])
    model.save(path)


@pytest.fixture
def trained_course(tmp_path: Path) -> Path:
    """A course whose only exercise is answered by a trained model beside the notebook."""
    folder = tmp_path / "trained" / "solutions" / "doubles"
    for name in ("right", "wrong"):
        (folder / name).mkdir(parents=True)
    (tmp_path / "trained" / "datasets").mkdir()
    (folder / "exercise.toml").write_text(TRAINED_TOML)
    (folder / "visible.py").write_text('"""None."""\n')
    (folder / "hidden.py").write_text(TRAINED_CHECK)
    solution = "def a():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
    (folder / "solution.py").write_text(f'# %% id="answer"\n{solution}')
    (folder / "right" / "own.py").write_text("def a():\n    return 2\n")
    (folder / "right" / "without.py").write_text("def a():\n    return 3\n")
    (folder / "wrong" / "off.py").write_text("# fails: test_error\ndef a():\n    return 4\n")
    _write_trained(folder / "net.keras", 2.001)
    _write_trained(folder / "right" / "own.keras", 2.002)
    _write_trained(folder / "wrong" / "off.keras", 3.0)
    return tmp_path / "trained"


@pytest.mark.slow
def test_answers_are_measured_with_the_trained_model_that_goes_with_them(
    trained_course: Path,
) -> None:
    done = _run("calibrate", "--root", str(trained_course), "--runs", "6")
    assert done.exit_code == 0, done.output
    path = trained_course / "solutions" / "doubles" / "calibration.json"
    error = calibration_file.read(path).thresholds["error"]
    measured = {
        answer: {round(run.value, 3) for run in runs}
        for answer, runs in {**error.honest, **error.weak}.items()
    }
    # An answer without a model of its own is handed in with the reference's.
    assert measured == {
        "reference": {0.003},
        "right/own": {0.006},
        "right/without": {0.003},
        "wrong/off": {3.0},
    }


def test_a_weak_answer_that_cannot_be_told_apart_is_reported(course: Path) -> None:
    exercise, place = Root(course).exercise("line"), Root(course)
    observations = [
        Observation(run, {"size": 1 + number / 10, "finite": 1.0}, {}, 1.0)
        for number, run in enumerate(plan(exercise, 4))
    ]
    distributions = list(measured(exercise, observations))
    here = fingerprint(exercise, place)
    calibration = calibration_of(exercise, here, distributions, environment("none"))
    calibration_file.write(exercise.calibration, calibration)
    done = _run("calibrate", "--root", str(course), "--from-file")
    assert done.exit_code == 1, done.output
    assert "✗ line: size:" in done.output
    texts = list(problems(calibration))
    assert any(text.startswith("size:") for text in texts), texts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "edits", "words"),
    [
        (2, {'"""Checks of line': 'import nonexistent\n"""Checks of line'}, ["nonexistent"]),
        (2, {'measure("finite", ': 'measure("finit", '}, ["Did you mean 'finite'?"]),
        (
            1,
            {
                'measure("finite", ': 'measure("fin" + "it", ',
                "    got = student.scale": "    1 / 0\n    got",
            },
            [
                "test_size measures the threshold 'finit'",
                "the threshold 'finite' is declared",
                "ZeroDivisionError",
            ],
        ),
    ],
    ids=["checks that cannot be collected", "another name", "a made-up name and an exception"],
)
def test_a_reference_that_does_not_work_ends_it_at_its_first_run(
    course: Path, code: int, edits: dict[str, str], words: list[str]
) -> None:
    exercise = Root(course).exercise("line")
    text = exercise.hidden.read_text("utf-8")
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new, 1)
    exercise.hidden.write_text(text, "utf-8")
    done = _run("calibrate", "--root", str(course), "--runs", "60", "--workers", "1")
    assert done.exit_code == code
    for word in words:
        assert word in done.output
    assert "zero-size" not in done.output
    assert not exercise.calibration.exists()
    assert sum(" s, " in line for line in done.output.splitlines()) <= 2, "it went on grading"


@pytest.mark.slow
def test_a_right_answer_that_crashes_ends_it_with_file_and_exception(course: Path) -> None:
    right = course / "solutions" / "line" / "right" / "functional.py"
    right.write_text(right.read_text("utf-8").replace("    inputs =", "    1 / 0\n    inputs ="))
    done = _run("calibrate", "--root", str(course), "--runs", "60", "--workers", "1")
    assert done.exit_code == 1
    shown = " ".join(done.output.split())
    assert f"{right}, seed 0: a right answer earned 0 of " in shown
    assert "(crashed)" in shown
    assert "ZeroDivisionError" in shown
    assert "The finished runs are kept" in shown
    exercise = Root(course).exercise("line")
    kept = RunLog(exercise, Root(course), libraries()).among(list(plan(exercise, 60)))
    assert {seen.run.answer for seen in kept} == {"reference"}, "it went on grading"
    assert not exercise.calibration.exists()


def test_an_exercise_with_neither_weak_nor_value_is_refused_before_anything_is_graded(
    course: Path,
) -> None:
    toml = course / "solutions" / "line" / "exercise.toml"
    toml.write_text(toml.read_text("utf-8").replace("value = 0.5", ""), "utf-8")
    done = _run("calibrate", "--root", str(course))
    assert done.exit_code == 2
    assert "exercise.toml: thresholds.finite has neither `weak` nor `value`" in done.output


@pytest.mark.slow
def test_after_ctrl_c_what_was_graded_is_kept(course: Path) -> None:
    command = [sys.executable, "-m", "autograder.cli", "calibrate", "--root", str(course)]
    process = subprocess.Popen(
        [*command, "--workers", "1"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("1/"):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait() == 130, rest
    assert "are there and kept; the same command goes on from here." in rest
    exercise = Root(course).exercise("line")
    planned = list(plan(exercise, 60))
    assert len(RunLog(exercise, Root(course), libraries()).among(planned)) >= 1
    assert not exercise.calibration.exists()


@pytest.mark.slow
def test_a_cluster_measures_what_this_machine_does_and_ends_at_the_bound(
    course: Path, warm: Station
) -> None:
    # A model that starts at fixed weights measures the same under every seed.
    for path in (course / "solutions" / "line").rglob("*.py"):
        text = path.read_text("utf-8").replace(
            "layers.Dense(1", 'layers.Dense(1, "linear", True, "ones"'
        )
        path.write_text(text, "utf-8")
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        done, calibration = _calibrated(
            course, "--runs", "40", "--bound", "0.7", "--dask", cluster.scheduler_address
        )
    assert done.exit_code == 0, done.output
    assert "line: ended after 4 honest runs" in " ".join(done.output.split())
    assert calibration.policy.looks == (4,)
    recorded = calibration.thresholds["size"].honest["reference"]
    first = next(plan(Root(course).exercise("line"), 4))
    here = observe(first, Course(course, DEMO_KEY, measuring=True), warm)
    assert {run.value for run in recorded} == {rounded(here.metrics["size"])}
    # The runs are on file: no sandbox starts.
    again = _run("calibrate", "--root", str(course), "--runs", "40", "--bound", "0.7")
    assert "7 are there and kept (--fresh grades anew), none to grade." in again.output
