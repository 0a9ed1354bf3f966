"""`autograder new`: a complete small exercise, with every decision to be made marked."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands import options

KINDS = ("functions", "model", "series")


@click.command("new")
@click.argument("name")
@options.authored_root
@click.option(
    "--like",
    "kind",
    type=click.Choice(KINDS),
    default="functions",
    show_default=True,
    help="What students write.",
)
def command(name: str, root: Path | None, kind: str) -> None:
    """Write a complete small exercise to begin with, under solutions/NAME.

    `autograder try NAME` is green at once. Every decision to be made is a line with DECIDE, and the
    command lists them. An exercise with a model has a data set of its own under datasets/NAME.

    Exits 0 when the files are written, and 2 when it was called wrongly or the name is taken.
    """
    from autograder.authoring import skeleton
    from autograder.commands.resolve import course_root

    course = course_root(root)
    written = skeleton.begin(course, name, kind)
    for path in written:
        click.echo(path.relative_to(course.path))
    click.echo("\nTo be decided (a line with DECIDE each):")
    for decision in skeleton.decisions(name, written):
        where = f"{decision.path.relative_to(course.path)}:{decision.line}"
        click.echo(f"  {where}: {decision.text}")
    click.echo(f"\nNext: autograder try {name} --watch")
