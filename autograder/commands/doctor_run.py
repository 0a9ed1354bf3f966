"""Examines a machine for `autograder doctor`, and prints what it offers and lacks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.errors import SandboxError
from autograder.sandbox import machine
from autograder.sandbox.machine import Offer

__all__ = ["examine"]

_SECRET = "print('a check that students must not read')\n"


def examine(*, as_json: bool) -> bool:
    """Print what this machine offers; return whether grading can start here."""
    offers = list(machine.layers())
    if not any(offer.lack for offer in offers if offer.needed):
        offers += [*_room(), _attempts()]
    fit = not any(offer.lack for offer in offers if offer.needed)
    if as_json:
        print(json.dumps({"can_grade": fit, "offers": [asdict(o) for o in offers]}, indent=2))
    else:
        _print(offers, fit)
    return fit


def _room() -> Iterator[Offer]:
    from autograder.grading import memory  # these need packages that may be missing
    from autograder.grading.site import default_workers

    return machine.room(memory.available(), default_workers())


def _attempts() -> Offer:
    """Return what a worker's attempts to get out show: grading starts by this and nothing else."""
    from autograder.sandbox.probe import probe
    from autograder.sandbox.warm import warm_station

    try:
        with _secret() as folder, warm_station() as place:
            isolation = probe(place, folder)
    except SandboxError as error:
        return Offer("isolation", "no worker starts", str(error), needed=True)
    tried = len(isolation.held)
    if not isolation.open:
        return Offer("isolation", f"{tried} of {tried} attempts to get out failed", needed=True)
    return Offer(
        "isolation",
        f"{tried - len(isolation.open)} of {tried} attempts to get out failed",
        f"these succeeded: {', '.join(isolation.open)}",
        "" if isolation.sufficient else "mend the layers named above; grading refuses to start",
        needed=not isolation.sufficient,
    )


@contextmanager
def _secret() -> Iterator[Path]:
    """Yield a folder with a file that workers must not read, here, where a course would lie."""
    try:
        folder = tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".autograder-doctor-")
    except OSError:  # this folder is closed; a worker may read the temporary folder as little
        folder = tempfile.TemporaryDirectory()
    with folder as name:
        (Path(name) / "hidden.py").write_text(_SECRET, "utf-8")
        yield Path(name)


def _print(offers: Sequence[Offer], fit: bool) -> None:
    console = Console()
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for offer in offers:
        table.add_row(_mark(offer), Text(offer.name, style="bold"), Text(offer.found))
        if offer.lack:
            table.add_row("", "", Text(offer.lack, style="dim"))
        if offer.way_out:
            table.add_row("", "", Text(f"→ {offer.way_out}"))
    console.print(table)
    lacks = sum(bool(offer.lack) for offer in offers)
    if not fit:
        console.print("Grading cannot start here.", style="red", highlight=False)
    elif lacks:
        noun = "lack" if lacks == 1 else "lacks"
        console.print(f"Grading can start here, with {lacks} {noun}.", highlight=False)
    else:
        console.print("Grading can start here; nothing is missing.", highlight=False)


def _mark(offer: Offer) -> Text:
    if not offer.lack:
        return Text("✓", style="green")
    return Text("✗", style="red") if offer.needed else Text("!", style="yellow")
