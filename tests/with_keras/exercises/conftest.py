"""What the tests of exercises share: the marker that hidden checks carry."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make `points` known, as the grader's plug-in does."""
    config.addinivalue_line("markers", "points(n): what a check is worth")
