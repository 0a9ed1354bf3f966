"""Workflows: actionlint accepts them; each command runs here, or is listed as not run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from autograder import __version__
from autograder.cli import main

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
BIN = Path(sys.executable).parent

# What only the forge can do, and why.
ACTIONS = {
    "actions/checkout": "clones from the forge",
    "actions/configure-pages": "asks the forge for the site's address",
    "actions/deploy-pages": "publishes on the forge's Pages",
    "actions/download-artifact": "reads from the forge's store",
    "actions/setup-python": "installs an interpreter on the forge's machine",
    "actions/upload-artifact": "writes into the forge's store",
    "actions/upload-pages-artifact": "writes into the forge's store",
    "pypa/gh-action-pypi-publish": "publishes on PyPI, trusted because the forge vouches for it",
}
SYSTEMS = {
    "windows-latest": "the commands run here on Linux",
    "macos-latest": "the commands run here on Linux",
}
INSTALLS = "needs a registry; the extras that it names are looked up in pyproject.toml"
WHOLE = "takes up to 90 minutes; that the command line accepts the call is tested"
NOT_RUN = {
    ".ci/run": "runs these tests",
    "autograder verify": WHOLE,
    "python scripts/nbgrader_upstream.py": "takes an hour; test_upstream.py runs one module",
    "python -m pip install .": INSTALLS,
    "python -m pip install -e '.[dev]'": INSTALLS,
    "python -m pip install -e '.[docs]'": INSTALLS,
    "python -m pip install -e '.[grade]'": INSTALLS,
    "python -m pip install build twine": INSTALLS,
    "python -m pip install dist/*.whl": INSTALLS,
}


@dataclass(frozen=True)
class Job:
    """One job of one workflow."""

    workflow: str
    name: str
    definition: dict[str, Any]

    @property
    def commands(self) -> list[str]:
        """Every command, in order."""
        return [step["run"] for step in self.definition["steps"] if "run" in step]

    @property
    def runnable(self) -> list[str]:
        """The commands that a test can run here."""
        return [command for command in self.commands if command not in NOT_RUN]


def jobs() -> Iterator[Job]:
    """Yield every job of every workflow."""
    for path in sorted(FOLDER.glob("*.yml")):
        for name, definition in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            yield Job(path.stem, name, definition)


def test_actionlint_accepts_every_workflow() -> None:
    done = subprocess.run(
        [BIN / "actionlint"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_would_refuse_a_broken_workflow(tmp_path: Path) -> None:
    broken = tmp_path / "test.yml"
    text = (FOLDER / "test.yml").read_text("utf-8")
    broken.write_text(text.replace("matrix.python", "matrix.pithon"), "utf-8")
    done = subprocess.run([BIN / "actionlint", broken], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "pithon" in done.stdout


def test_what_only_the_forge_can_run_is_listed_exactly() -> None:
    steps = [step for job in jobs() for step in job.definition["steps"]]
    assert {step["uses"].partition("@")[0] for step in steps if "uses" in step} == ACTIONS.keys()
    commands = {command for job in jobs() for command in job.commands}
    assert commands >= NOT_RUN.keys(), NOT_RUN.keys() - commands
    systems = set()
    for job in jobs():
        on = job.definition["runs-on"]
        systems |= set(job.definition["strategy"]["matrix"]["os"]) if "matrix.os" in on else {on}
    assert systems - {"ubuntu-24.04"} == SYSTEMS.keys()


def test_what_is_installed_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["optional-dependencies"]
    for command in (command for command in NOT_RUN if "pip install" in command):
        for extra in re.findall(r"\[(\w+)\]", command):
            assert extra in declared, command
    assert {"build", "twine"} <= {re.split(r"[>=\[;<]", name)[0] for name in declared["dev"]}


def test_the_command_line_accepts_the_calls_that_are_not_run() -> None:
    for command in (command for command in NOT_RUN if command.startswith("autograder ")):
        name, *arguments = command.split()[1:]
        found = main.get_command(click.Context(main), name)
        assert found is not None, command
        found.make_context(name, arguments)


def test_ci_runs_one_script() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_nothing_is_published_before_everything_was_tested() -> None:
    release = {job.name: job.definition for job in jobs() if job.workflow == "release"}
    assert set(release["publish"]["needs"]) == {"verify", "wheel"}
    assert release["wheel"]["needs"] == "build"
    building = [job for job in jobs() if "python -m build" in job.commands]
    assert [job.name for job in building] == ["build"]
    assert {"ubuntu-24.04", *SYSTEMS} == set(release["wheel"]["strategy"]["matrix"]["os"])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout, ready for the release of its version."""
    copy = tmp_path_factory.mktemp("checkout") / "source"
    kept_out = shutil.ignore_patterns(".git", ".venv", ".*_cache", "build", "dist", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=kept_out)
    fragments = list((copy / "changelog.d").glob("*.md"))
    if fragments:
        _run("towncrier build --yes", copy)
        for path in fragments:  # without a repository to take them from, towncrier leaves them
            path.unlink(missing_ok=True)
    return copy


def _run(command: str, folder: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_REF_NAME": f"v{__version__}",
        "NO_MKDOCS_2_WARNING": "1",
    }
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.mark.slow
@pytest.mark.timeout(900)  # some jobs build the package or train a network
@pytest.mark.parametrize(
    "job",
    [job for job in jobs() if job.runnable],
    ids=lambda job: f"{job.workflow}-{job.name}",
)
def test_the_commands_of_a_job_run(job: Job, checkout: Path, tmp_path: Path) -> None:
    paths = {step["with"].get("path") for step in job.definition["steps"] if "with" in step}
    folder = checkout
    if "source" in paths:  # the repository lies in a folder of its own
        folder = tmp_path
        (tmp_path / "source").symlink_to(checkout, target_is_directory=True)
    for command in job.runnable:
        _run(command, folder)


def test_a_release_needs_its_tag_its_changelog_and_no_fragment(tmp_path: Path) -> None:
    for name in ("autograder/__init__.py", "CHANGELOG.md", "scripts/check_release.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "changelog.d" / "1.fixed.md").write_text("Something.\n")
    command = [sys.executable, str(tmp_path / "scripts" / "check_release.py"), "v9.9.9"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"the tag is v9.9.9, and the package's version is {__version__}" in done.stderr
    assert "changelog.d/1.fixed.md is in no entry" in done.stderr
