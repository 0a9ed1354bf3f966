"""The options and types that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

PATH = click.Path(path_type=Path)
WORKERS = click.IntRange(1, 256)

authored_root = click.option(
    "--root", type=PATH, help="The course; default: found from here upwards."
)
released_root = click.option(
    "--root",
    type=PATH,
    help="The course, or what `release --to` wrote; default: found from here, else built in.",
)
secret = click.option("--secret", type=PATH, help="File with the course's key for held-out rows.")
workers = click.option("--workers", type=WORKERS, help="Default: one for each processor.")
