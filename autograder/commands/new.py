"""`autograder new`: a complete small exercise, with every decision to be made marked."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands import options

KINDS = ("functions", "model", "series", "two-models")


@click.command("new")
@click.argument("name")
@options.authored_root
@click.option(
    "--like",
    "kind",
    type=click.Choice(KINDS),
    help="What students write; default: functions.",
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="NOTEBOOK",
    help="Take the instructor's notebook of nbgrader or Otter-Grader apart.",
)
def command(name: str, root: Path | None, kind: str | None, source: Path | None) -> None:
    """Write a complete small exercise to begin with, under solutions/NAME.

    `autograder try NAME` is green at once. Every decision to be made is a line with DECIDE, and the
    command lists them. An exercise with a model has a data set of its own under datasets/NAME.

    With --from the exercise is made of a notebook: its solutions, and its asserts as checks, as far
    as that can be done. What is left to do is a line with TODO, and the command lists these lines.

    Exits 0 when the files are written, and 2 when it was called wrongly, the name is taken, or the
    notebook cannot be taken apart.
    """
    from autograder.authoring import skeleton, takeover
    from autograder.commands.resolve import course_root

    if kind is not None and source is not None:
        raise click.UsageError("--like and --from exclude each other")
    course = course_root(root)
    if source is None:
        written = skeleton.begin(course, name, kind or KINDS[0])
    else:
        written = takeover.take_over(course, name, source)
    for path in written:
        click.echo(path.relative_to(course.path))
    what = "To be decided" if source is None else "To be done"
    click.echo(f"\n{what} (a line with {'DECIDE' if source is None else 'TODO'} each):")
    for decision in skeleton.decisions(name, written):
        where = f"{decision.path.relative_to(course.path)}:{decision.line}"
        click.echo(f"  {where}: {decision.text}")
    click.echo(f"\nNext: autograder try {name} --watch")
