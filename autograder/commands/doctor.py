"""`autograder doctor`: what this machine offers for grading, what it lacks, and the way out."""

from __future__ import annotations

import sys

import click


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(as_json: bool) -> None:
    """Tell whether this machine can grade, what it lacks, and what helps.

    Each layer that keeps student code in is looked for. Then a real worker tries every way out
    that the grader knows, as before each batch.

    Exits 0 when grading can start here, 1 when it cannot, 2 when it was called wrongly.
    """
    from autograder.commands import doctor_run

    sys.exit(0 if doctor_run.examine(as_json=as_json) else 1)
