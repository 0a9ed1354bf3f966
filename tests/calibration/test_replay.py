"""Recorded runs, graded again: a fingerprint is renewed only where no metric changed."""

from __future__ import annotations

import difflib
import math
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder import PACKAGE
from autograder.calibration.distributions import Distribution
from autograder.calibration.document import calibration_of, environment
from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.git_revision import checked_out, last_change
from autograder.calibration.plan import course_key, plan
from autograder.calibration.problems import stale
from autograder.calibration.replay import (
    Replayed,
    Request,
    Response,
    RunName,
    chosen_runs,
    differences,
    replay,
)
from autograder.calibration.statistics import Fit, Sample
from autograder.checks.thresholds import Threshold
from autograder.cli import main
from autograder.course import calibration_file
from autograder.course.calibration_file import Calibration, Fingerprint
from autograder.course.datasets import key_fingerprint
from autograder.course.exercise import Root, settings_of
from autograder.errors import ReplayError, SettingsError, UnknownRevision
from autograder.grading.site import default_workers

ROOT = Path(__file__).parents[2]
HIDDEN = "solutions/line/hidden.py"
FINGERPRINT = Fingerprint("0", "1", "2")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def record(root: Path) -> Path:
    """Write a calibration.json with the runs of the plan, their values made up."""
    course = Root(root)
    exercise = course.exercise("line")
    samples = [
        (run.weak, Sample(run.answer, key_fingerprint(run.key), run.seed, value))
        for run, value in zip(
            plan(exercise, runs=4), (1, 1.1, 900, 1.2, 1.3, 800, 700), strict=True
        )
    ]
    distributions = [
        Distribution(
            declared,
            tuple(sample for weak, sample in samples if not weak),
            tuple(sample for weak, sample in samples if weak),
        )
        for declared in settings_of(exercise).thresholds
    ]
    calibration = calibration_of(
        exercise, fingerprint(exercise, course), distributions, environment("none")
    )
    calibration_file.write(exercise.calibration, calibration)
    return exercise.calibration


@pytest.fixture
def repository(course: Path) -> Path:
    """The course with a threshold, calibrated and committed."""
    record(course)
    git(course, "init", "--quiet")
    git(course, "add", ".")
    git(course, "commit", "--quiet", "-m", "calibrated")
    return course


def restamp(course: Path, *options: str) -> Result:
    return CliRunner().invoke(
        main, ["calibrate", "line", "--restamp", "--root", str(course), *options]
    )


def edit(course: Path, old: str, new: str) -> None:
    path = course / HIDDEN
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.slow
def test_unchanged_metrics_get_the_new_fingerprint(repository: Path) -> None:
    # The repository holds its package, so each side is graded by a package of its own.
    shutil.copytree(PACKAGE, repository / "autograder", ignore=shutil.ignore_patterns("*.pyc"))
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "with its package")
    edit(repository, "np.abs(model.predict(x)).mean()", "np.mean(np.abs(model.predict(x)))")
    exercise, path = (
        Root(repository).exercise("line"),
        Root(repository).exercise("line").calibration,
    )
    before = path.read_text("utf-8")
    assert list(stale(calibration_file.read(path), exercise, Root(repository)))

    done = restamp(repository, "--since", "HEAD")
    assert done.exit_code == 0, done.output
    assert "5 runs show the same metrics" in " ".join(done.output.split())
    lines = difflib.ndiff(before.splitlines(), path.read_text("utf-8").splitlines())
    changed = [line for line in lines if line[0] in "+-"]
    assert len(changed) == 2, changed
    assert all('"metrics": ' in line for line in changed)
    assert not list(stale(calibration_file.read(path), exercise, Root(repository)))
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert "the fingerprint fits" in restamp(repository).output


@pytest.mark.slow
def test_a_changed_metric_is_told_and_nothing_is_written(repository: Path) -> None:
    edit(repository, "np.abs(model.predict(x)).mean()", "np.abs(model.predict(x)).max()")
    path = repository / "solutions" / "line" / "calibration.json"
    before = path.read_bytes()
    done = restamp(repository)
    assert done.exit_code == 1, done.output
    output = " ".join(done.output.split())
    assert "line: size of reference (key public-demo, seed 0): " in output
    assert "finite of" not in output
    assert "run: autograder calibrate line" in output
    assert path.read_bytes() == before


def test_a_revision_that_was_not_measured_is_refused(repository: Path) -> None:
    edit(repository, ".mean()", ".max()")
    git(repository, "commit", "--quiet", "-am", "another metric")
    edit(repository, ".max()", ".min()")
    done = restamp(repository, "--since", "HEAD")
    assert done.exit_code == 2, done.output
    assert "is not the code that was measured" in " ".join(done.output.split())


def test_a_package_that_cannot_replay_is_refused(repository: Path) -> None:
    (repository / "autograder").mkdir()
    (repository / "autograder" / "__init__.py").write_text('"""An older package."""\n')
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "an older package")
    edit(repository, ".mean()", ".max()")
    done = restamp(repository, "--since", "HEAD")
    assert done.exit_code == 2, done.output
    assert "cannot replay: it is older than --restamp" in " ".join(done.output.split())


@pytest.mark.parametrize("since", ["nowhere", "--help", "HEAD:solutions"])
def test_a_revision_that_git_does_not_know_is_told(repository: Path, since: str) -> None:
    edit(repository, ".mean()", ".max()")
    done = restamp(repository, "--since", since)
    assert done.exit_code == 2, done.output
    assert done.output.startswith("Error: fatal: "), done.output


def test_a_course_outside_of_git_is_told(course: Path) -> None:
    path = record(course)
    with pytest.raises(UnknownRevision, match="not a git repository"):
        last_change(path)
    git(course, "init", "--quiet")
    git(course, "commit", "--quiet", "--allow-empty", "-m", "nothing")
    with pytest.raises(ReplayError, match="no commit holds"):
        last_change(path)


@pytest.mark.parametrize("options", [["--since", "HEAD"], ["--restamp", "--from-file"]])
def test_options_that_do_not_go_together_are_refused(course: Path, options: list[str]) -> None:
    done = CliRunner().invoke(main, ["calibrate", "--root", str(course), *options])
    assert done.exit_code == 2


def test_a_revision_brings_its_package_and_shares_the_libraries(repository: Path) -> None:
    (repository / "autograder").mkdir()
    (repository / "autograder" / "__init__.py").write_text("")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "a package")
    code = "import autograder, numpy; print(autograder.__file__, numpy.__file__, sep='\\n')"
    with checked_out(repository, "HEAD") as revision:
        assert revision.course != repository
        assert (revision.course / HIDDEN).read_bytes() == (repository / HIDDEN).read_bytes()
        # As the sandbox starts its processes: with next to no environment.
        command = [str(revision.python), "-s", "-P", "-c", code]
        done = subprocess.run(command, env={}, cwd="/", capture_output=True, text=True, check=True)
        package, library = map(Path, done.stdout.splitlines())
        assert package.parent == revision.package
    import numpy

    assert library == Path(numpy.__file__)
    assert not revision.course.exists()


def test_the_chosen_runs_are_recorded_and_of_different_answers() -> None:
    for path in sorted(ROOT.glob("solutions/*/calibration.json")):
        calibration = calibration_file.read(path)
        names = chosen_runs(calibration)
        recorded = {
            RunName(answer, run.key, run.seed)
            for threshold in calibration.thresholds.values()
            for runs_by_answer in (threshold.honest, threshold.weak)
            for answer, runs in runs_by_answer.items()
            for run in runs
        }
        assert set(names) <= recorded
        assert len({name.answer for name in names}) == len(names) == 5
        assert names[0].answer == "reference"
        assert names[-1].answer.startswith("wrong/")
        assert len({name.key for name in names}) > 1
        assert all(key_fingerprint(course_key(name.key)) == name.key for name in names)


def test_few_answers_come_again_under_other_seeds(course: Path) -> None:
    names = chosen_runs(calibration_file.read(record(course)))
    assert [name.answer for name in names[:4]] == ["reference", "right/functional"] * 2
    assert len(set(names)) == 5


def test_a_key_that_no_calibration_uses_is_told() -> None:
    with pytest.raises(SettingsError, match="'somebody' is the fingerprint of no key"):
        course_key("somebody")


def response(size: str, baseline: str = "1", problem: str = "") -> Response:
    run = RunName("reference", "public-demo", 0)
    shown = Replayed(run, {"size": size}, {"size": {"a million": baseline}}, problem)
    return Response("autograder", FINGERPRINT, (shown,))


def test_differences_name_the_metric() -> None:
    where = "reference (key public-demo, seed 0)"
    assert list(differences(response("1.5"), response("1.5"))) == []
    assert list(differences(response("nan"), response("nan"))) == []
    assert list(differences(response("1.5"), response("1.50001"))) == [
        f"size of {where}: 1.5 before, 1.50001 now"
    ]
    assert list(differences(response("1.5"), response("1.5", baseline="2"))) == [
        f"a million of the baselines of size with {where}: 1 before, 2 now"
    ]
    assert list(differences(response("1.5"), response("1.5", problem="it ended"))) == [
        f"{where} was not graded: it ended"
    ]


@pytest.fixture
def nightly(request: pytest.FixtureRequest) -> None:
    """Skip a test of many minutes unless nightly tests are asked for by their marker."""
    if "nightly" not in request.config.getoption("markexpr"):
        pytest.skip("takes many minutes: run with -m nightly")


# This answer gives its LSTM the differences from the last hour: a change of the last hour moves all
# other steps alike, and rounding decides which of them moves most.
TIES = {("time_order", "right/change_of_the_last_hour")}


CALIBRATED = [name for name in Root(ROOT).names() if Root(ROOT).exercise(name).calibration.exists()]


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("nightly")
@pytest.mark.parametrize("name", CALIBRATED)
def test_recorded_runs(name: str) -> None:
    """Each value lies where a run under another seed would: processors round differently."""
    calibration = calibration_file.read(Root(ROOT).exercise(name).calibration)
    request = Request(str(ROOT), name, chosen_runs(calibration), default_workers())
    compared, far = 0, []
    for replayed in replay(request).runs:
        assert not replayed.problem, f"{replayed.run}: {replayed.problem}"
        for metric, recorded, limit in recorded_values(calibration, replayed.run):
            value = float(replayed.metrics[metric])
            fit = Fit(0.0, 0.0, limit.noise, 1, limit.logarithmic)
            distance = abs(fit.scaled(value) - fit.scaled(recorded))
            compared += 1
            if (metric, replayed.run.answer) in TIES:
                assert limit.passes(value) == limit.passes(recorded)
            elif distance > 4 * math.sqrt(2) * limit.noise:
                far.append(f"{metric} of {replayed.run}: {recorded} became {value}")
    assert not far, "\n".join(far)
    assert compared > len(calibration.thresholds)


def recorded_values(
    calibration: Calibration, name: RunName
) -> Iterator[tuple[str, float, Threshold]]:
    """Yield each metric's recorded value in a run, with the metric's threshold."""
    for metric, entry in calibration.thresholds.items():
        limit = Threshold(metric, entry.value, entry.better, entry.noise, entry.logarithmic)
        for run in {**entry.honest, **entry.weak}.get(name.answer, ()):
            if (run.key, run.seed) == (name.key, name.seed):
                yield metric, run.value, limit
