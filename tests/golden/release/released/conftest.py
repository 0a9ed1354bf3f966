"""Fixtures of the visible and the hidden checks."""

import pytest


@pytest.fixture(scope="session")
def golden_values():
    """A few numbers."""
    return [1.0, 2.0, 4.0]
