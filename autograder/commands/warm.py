"""`autograder warm`: a sandbox that stays warm for all commands that run below it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import click


@click.command("warm", context_settings={"allow_interspersed_args": False})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND...]")
def command(arguments: tuple[str, ...]) -> None:
    """Run COMMAND with a warm sandbox; without COMMAND, your shell.

    Every `grade`, `verify`, `try`, `calibrate`, `autograde` and formgrader that runs below it
    grades in this sandbox and so saves the seconds in which a sandbox starts. The sandbox ends
    with COMMAND.

    Exits 0 when COMMAND does, else with the exit code of COMMAND; 2 when COMMAND cannot be run.
    """
    from autograder.sandbox.warm import shared_station

    run = arguments or (os.environ.get("SHELL", "/bin/sh"),)
    if shutil.which(run[0]) is None:
        raise click.UsageError(f"{run[0]} is no program that can be run here")
    with shared_station() as variables:
        # Ctrl-C in a terminal reaches COMMAND as well, and COMMAND decides whether it ends.
        signal.signal(signal.SIGINT, lambda *_: None)
        code = subprocess.call(run, env={**os.environ, **variables})
    sys.exit(code if code >= 0 else 128 - code)
