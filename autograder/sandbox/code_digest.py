"""The digest of the package's own code: a sandbox and a result depend on all of it."""

from __future__ import annotations

import hashlib

from autograder import PACKAGE

__all__ = ["CODE_SUFFIXES", "code_digest"]

CODE_SUFFIXES = frozenset((".py", ".npz"))
"""The endings of the package's files that decide what it does."""


def code_digest() -> str:
    """Return the SHA-256 of the names and contents of all code files of this package."""
    digest = hashlib.sha256()
    for path in sorted(path for path in PACKAGE.rglob("*") if path.suffix in CODE_SUFFIXES):
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
