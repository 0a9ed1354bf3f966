"""What git tells of a course, in real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from autograder.authoring.selection import turn_of
from autograder.course.exercise import Root
from autograder.course.repository import changed_since, head
from autograder.errors import UnknownRevision


def git(folder: Path, *arguments: str) -> str:
    identity = {f"GIT_{who}_{what}": "ada@example.org" for who, what in _WHO_AND_WHAT}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull},
    )
    return done.stdout.strip()


_WHO_AND_WHAT = [(who, what) for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]


def commit(folder: Path, *names: str) -> str:
    """Write these files anew, commit everything and return the commit's hash."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n{os.urandom(4).hex()}\n", "utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a change")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of three files."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "a.txt", "course/b.txt", ".gitignore")
    return folder.resolve()


def test_the_commit_that_is_checked_out_decides_whose_turn_it_is(repository: Path) -> None:
    assert turn_of(Root(repository)) == git(repository, "rev-parse", "HEAD")
    before = turn_of(Root(repository))
    assert turn_of(Root(repository / "course")) == before
    assert commit(repository, "a.txt") == turn_of(Root(repository)) != before


def test_committed_uncommitted_untracked_and_removed_files_have_changed(repository: Path) -> None:
    first = head(repository)
    assert first is not None
    assert changed_since(repository, first) == frozenset()
    commit(repository, "course/c.txt")
    (repository / "a.txt").write_text("another\n")
    (repository / "course" / "b.txt").unlink()
    (repository / "new größe.txt").write_text("new\n")
    (repository / ".gitignore").write_text("*.db\n")
    (repository / "ignored.db").write_text("ignored\n")
    names = ("course/c.txt", "a.txt", "course/b.txt", "new größe.txt", ".gitignore")
    expected = frozenset(repository / name for name in names)
    assert changed_since(repository, first) == expected
    assert changed_since(repository / "course", first) == expected, "the whole repository counts"


def test_both_names_of_a_renamed_file_have_changed(repository: Path) -> None:
    git(repository, "mv", "a.txt", "z.txt")
    git(repository, "commit", "--quiet", "--message", "renamed")
    assert changed_since(repository, "HEAD~1") == {repository / "a.txt", repository / "z.txt"}


def test_what_changed_on_the_other_branch_only_does_not_count(repository: Path) -> None:
    git(repository, "branch", "other")
    commit(repository, "a.txt")
    git(repository, "switch", "--quiet", "other")
    commit(repository, "other.txt")
    assert changed_since(repository, "main") == {repository / "other.txt"}


@pytest.mark.parametrize("revision", ["no-such-branch", "HEAD~99", "--all", ""])
def test_an_unknown_revision_is_refused(repository: Path, revision: str) -> None:
    with pytest.raises(UnknownRevision):
        changed_since(repository, revision)


def test_the_commit_that_a_shallow_clone_lacks_is_unknown(repository: Path, tmp_path: Path) -> None:
    commit(repository, "a.txt")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), str(shallow))
    with pytest.raises(UnknownRevision):
        changed_since(shallow, "HEAD~1")


def test_a_folder_outside_of_git_has_no_commit(tmp_path: Path) -> None:
    assert head(tmp_path) is None
    with pytest.raises(UnknownRevision):
        changed_since(tmp_path, "HEAD")


def test_a_machine_without_git_has_no_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert head(repository) is None
