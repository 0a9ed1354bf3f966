"""The group of all commands: an error of the course is a sentence, never a traceback."""

from __future__ import annotations

from typing import Any

import click

from autograder.errors import CourseError

__all__ = ["CommandGroup", "CourseFault"]


class CourseFault(click.ClickException):
    """A course is not as it must be: the command prints why, and exits with 2."""

    exit_code = 2


class CommandGroup(click.Group):
    """A click group whose commands may raise CourseError: its text is for the author."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; raises CourseFault for the CourseError of any command."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise CourseFault(str(error)) from None
