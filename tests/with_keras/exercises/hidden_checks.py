"""The hidden checks of an exercise as a module, so that a test can ask their oracles."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

__all__ = ["hidden_checks"]

SOLUTIONS = Path(__file__).parents[3] / "solutions"


def hidden_checks(exercise: str) -> ModuleType:
    """Return `solutions/EXERCISE/hidden.py`, run anew."""
    path = SOLUTIONS / exercise / "hidden.py"
    spec = importlib.util.spec_from_file_location(f"hidden_checks_of_{exercise}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
