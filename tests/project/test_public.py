"""The public face: five names that load nothing until they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import autograder


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_of_it() -> None:
    loaded = _loaded_by("import autograder; dir(autograder)")
    assert {name for name in loaded if name.startswith("autograder")} == {"autograder"}
    assert not loaded & {"tensorflow", "keras", "numpy", "pytest", "click", "rich", "IPython"}


def test_writing_checks_loads_no_keras() -> None:
    loaded = _loaded_by("from autograder import award, expect, points")
    assert not loaded & {"tensorflow", "keras", "IPython", "rich"}


@pytest.mark.parametrize("name", autograder.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert name in dir(autograder)
    assert getattr(autograder, name) is getattr(autograder, name)
    assert (getattr(autograder, name).__doc__ or "").strip()


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'marks'"):
        autograder.marks  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError):
        from autograder import marks  # type: ignore[attr-defined]  # noqa: F401
