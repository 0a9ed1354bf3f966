"""What tests share: a warm sandbox, and a small course to grade with it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from autograder.sandbox.spawn import Lease, Station
from autograder.sandbox.warm import VARIABLE, warm_station

HERE = Path(__file__).parent
collect_ignore = ["reported"]  # what students handed in, tests of their own among it

# A shared machine stops for longer than the 200 ms that Hypothesis allows an example.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


@pytest.fixture(autouse=True)
def no_tensorflow_but_in_its_folder(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that imports TensorFlow and stands neither in with_keras nor among the slow ones.

    Tests without TensorFlow run first and take seconds; a single import costs each worker more.
    """
    loaded_before = "tensorflow" in sys.modules
    yield
    excused = "with_keras" in request.path.parts or request.node.get_closest_marker("slow")
    if not excused and not loaded_before:
        assert "tensorflow" not in sys.modules, "this test belongs in tests/with_keras"


@pytest.fixture(scope="session")
def warm() -> Iterator[Station]:
    """A warm template, with bubblewrap where that works; the run's own if it has a warm one."""
    with warm_station() as place:
        yield place


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every command start a sandbox of its own, which must end with the command."""
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def lease(warm: Station) -> Iterator[Lease]:
    """A connection to the template; its workers end with the test."""
    with warm.lease() as connection:
        yield connection


@pytest.fixture(scope="session")
def toy_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one small exercise, `line`, that needs a second to grade."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(HERE / "toy_course", root, dirs_exist_ok=True)
    shutil.copytree(HERE.parent / "datasets", root / "datasets")
    return root


@pytest.fixture
def edited_course(toy_course: Path, tmp_path: Path) -> Callable[..., Path]:
    """A function of (file, old, new): the same course with these changes to `line`."""

    def edited(*changes: tuple[str, str, str]) -> Path:
        root = tmp_path / "edited"
        shutil.copytree(toy_course, root)
        for name, old, new in changes:
            path = root / "solutions" / "line" / name
            text = path.read_text("utf-8")
            assert old in text
            path.write_text(text.replace(old, new), "utf-8")
        return root

    return edited


@pytest.fixture
def ends() -> Callable[[int], bool]:
    """A function: whether every process of a group is gone, or is within a few seconds."""

    def gone(group: int) -> bool:
        for _ in range(50):
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.2)
        return False

    return gone
