"""The command `autograder`: each of its commands is imported from `commands` when it is called."""

from __future__ import annotations

import io
import sys

import click

from autograder import __version__
from autograder.commands.group import LazyGroup


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="autograder")
def main() -> None:
    """Grade Keras homework that nobody has to trust.

    Students: `start` an exercise, `check` your answers.
    Instructors: `grade` a class, `release` exercises, `verify` and `calibrate` them.
    """
    # A terminal that cannot show a student's name must not end a command.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
