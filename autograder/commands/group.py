"""The group of all commands: it knows their names and imports a command when it is called."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click
from click.shell_completion import CompletionItem

from autograder.errors import CourseError

__all__ = ["COMMANDS", "CourseFault", "LazyGroup"]

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "autograde": "Do what `nbgrader autograde` does for a whole ASSIGNMENT, in parallel.",
        "calibrate": "Choose thresholds from many runs of honest and weak answers.",
        "check": "Run the visible checks on FILE.",
        "doctor": "Tell whether this machine can grade, what it lacks, and what helps.",
        "export": "Write an nbgrader course's grades as a CSV file that spreadsheets read safely.",
        "grade": (
            "Grade everything handed in under PATH: notebooks, folders, a platform's archives."
        ),
        "list": "List the exercises.",
        "new": "Write a complete small exercise to begin with, under solutions/NAME.",
        "package": (
            "Write exercises as assignments of an nbgrader course, or bring them up to date."
        ),
        "release": "Write what students get from what is authored under solutions/.",
        "start": "Put an exercise's notebook, data and visible checks into DIR.",
        "try": "Grade the known answers of an exercise and show what a student would read.",
        "verify": "Prove exercises with reference, stub, wrong and right answers.",
        "warm": "Run COMMAND with a warm sandbox; without COMMAND, your shell.",
    }
)
"""The first sentence of each command's help, so that a list of commands imports none of them."""

NEED_LINUX = frozenset(("autograde", "calibrate", "grade", "try", "verify", "warm"))
"""The commands that run student code, which only Linux can keep in."""


class CourseFault(click.ClickException):
    """A course is not as it must be: the command prints why, and exits with 2."""

    exit_code = 2


class LazyGroup(click.Group):
    """A click group whose command NAME is `command` in the module autograder.commands.NAME.

    A command may raise CourseError: the group prints its text, which is for the author.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command and return it; None where there is no such command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in NEED_LINUX and platform.system() != "Linux":
            return _refused(cmd_name)
        command: click.Command = import_module(f"autograder.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands into the help, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so, without importing the commands."""
        names = [
            CompletionItem(name, help=COMMANDS[name])
            for name in sorted(COMMANDS)
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; raises CourseFault for the CourseError of any command."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise CourseFault(str(error)) from None


def _refused(name: str) -> click.Command:
    """Return what stands for a command on a system where its module cannot be imported."""

    def refuse() -> None:
        raise click.ClickException(
            "grading needs Linux: it runs student code, and only there it can be kept in. "
            "`start` and `check` work here too."
        )

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, anything, refuse, help=COMMANDS[name])
