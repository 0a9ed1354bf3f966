"""Turns of several ways to grade over rounds, and the comparison of their times."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


def parser(
    description: str | None, *, notebooks: int, rounds: int, epochs: int
) -> argparse.ArgumentParser:
    """Return a parser for how many notebooks, over how many rounds, trained for how long."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--notebooks", type=int, default=notebooks)
    made.add_argument("--rounds", type=int, default=rounds)
    made.add_argument("--epochs", type=int, default=epochs, help="the default: about a second")
    return made


def spread(values: Sequence[float]) -> str:
    """Return median, minimum and maximum in a few characters."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} – {max(values):.2f})"


@dataclass(frozen=True, slots=True)
class Turns:
    """Seconds of each way in each round: for a notebook alone, and for `each` other notebooks.

    `lanes`: notebooks that a way grades at once.
    """

    lanes: Mapping[str, int]
    each: int
    cold: dict[str, list[float]] = field(default_factory=dict)
    whole: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.each <= max(self.lanes.values()):
            raise ValueError("a round needs more notebooks than are graded at once")
        for name in self.lanes:
            self.cold[name], self.whole[name] = [], []

    def notebooks(self, round_: int) -> tuple[range, range]:
        """Return the numbers of a round's notebooks: the notebook graded alone, and the others."""
        first = round_ * (self.each + 1)
        return range(first, first + 1), range(first + 1, first + 1 + self.each)

    def order(self, round_: int) -> list[str]:
        """Return the ways in the order of their turns: in each round another way begins."""
        names = list(self.lanes)
        cut = round_ % len(names)
        return names[cut:] + names[:cut]

    def take(self, name: str, round_: int, grade: Callable[[range], float]) -> None:
        """Let a way grade the notebooks of a round; `grade` returns seconds."""
        alone, others = self.notebooks(round_)
        self.cold[name].append(grade(alone))
        self.whole[name].append(grade(others))
        print(round_, name, f"{self.cold[name][-1]:.1f}", f"{self.whole[name][-1]:.1f}", flush=True)

    def steady(self, name: str) -> list[float]:
        """Return the seconds a notebook beyond the cold start.

        A notebook alone takes as long as a notebook on each lane: all lanes count as busy.
        """
        pairs = zip(self.whole[name], self.cold[name], strict=True)
        return [(whole - cold) / (self.each - self.lanes[name]) for whole, cold in pairs]

    def times(self, slow: str, fast: str) -> tuple[list[float], list[float]]:
        """Return how many times as fast `fast` is as `slow`: steady, and with the cold start."""
        return (
            [a / b for a, b in zip(self.steady(slow), self.steady(fast), strict=True)],
            [a / b for a, b in zip(self.whole[slow], self.whole[fast], strict=True)],
        )


def report(turns: Turns, compared: Mapping[str, tuple[str, str]], title: str) -> None:
    """Print a line for each way; `compared` names the two ways of a line, the slow way first."""
    rounds = len(next(iter(turns.whole.values())))
    table = Table(title=f"{rounds} rounds of {turns.each} notebooks; all scores equal")
    for column in ("way", "one notebook alone, s", "steady, s a notebook", title, "cold included"):
        table.add_column(column)
    for name, pair in compared.items():
        values = (turns.cold[name], turns.steady(name), *turns.times(*pair))
        table.add_row(name, *map(spread, values))
    Console(width=140).print(table)
