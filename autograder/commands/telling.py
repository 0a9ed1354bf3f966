"""Prints a line in the terminal: as it is, or with the sign of a fault or of a doubt before it."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

__all__ = ["tell", "tell_doubt", "tell_fault"]


def tell(console: Console, line: str) -> None:
    """Print a line as it is: nothing in it is taken for markup, and only a terminal breaks it."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def tell_fault(console: Console, text: object) -> None:
    """Print what is wrong, with a red cross."""
    console.print(f"[red]✗[/] {escape(str(text))}", highlight=False, soft_wrap=True)


def tell_doubt(console: Console, text: object) -> None:
    """Print what may be wrong, with a yellow mark."""
    console.print(f"[yellow]![/] {escape(str(text))}", highlight=False, soft_wrap=True)
