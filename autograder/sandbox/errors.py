"""What goes wrong with the sandbox itself."""

from __future__ import annotations


class SandboxError(RuntimeError):
    """The sandbox itself failed: the grader's fault, never a student's."""
