"""Tables in plain text for messages: the expected kinds of layers, and the layers of a model."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.expect.kinds import core, is_weight_or_constant
from autograder.model.facts import Facts, Node

MOST = 12  # rows of a table, its heading not counted
WIDTH = 78
_PROSE = 72  # narrower, so that a report can indent it
_LEAST = 12  # characters of a cell that is cut to fit
_COUNTS = {"units": "{} units", "filters": "{} filters", "rate": "{}", "output_dim": "{} wide"}


def message(*parts: str | Sequence[str]) -> str:
    """Return paragraphs (texts, wrapped) and tables (lists of lines), blank lines between them."""
    shown = [
        textwrap.fill(part, _PROSE) if isinstance(part, str) else "\n".join(part)
        for part in parts
        if part
    ]
    return "\n\n".join(shown)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines with aligned columns."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return lines


def layers(facts: Facts, heading: str = "", notes: Mapping[int, str] | None = None) -> list[str]:
    """Return a table of a model's layers: class, settings, output shape, and a note.

    `notes` maps node indices to texts of the last column, which has the head `heading`. Of a model
    with more than twelve layers the table shows the first and last layers, then layers with a note,
    then layers with weights.
    """
    noted = notes or {}
    steps = [node for node in facts.nodes if not is_weight_or_constant(node)]
    kept = _most_telling(facts, steps, noted)
    rows: list[Sequence[str]] = [
        ("your model", "settings", "output shape", heading if noted else ""),
        *(_row(facts, node, noted.get(node.index, "")) for node in kept),
    ]
    others = sum(max(map(len, cells)) + 2 for cells in zip(*rows, strict=True))
    others -= max(len(row[1]) for row in rows)
    room = max(_LEAST, WIDTH + 2 - others)
    rows = [(name, _cut(settings, room), *rest) for name, settings, *rest in rows]
    lines = columns(rows)
    left_out = len(steps) - len(kept)
    return [*lines, f"... and {left_out} more that are not shown"] if left_out else lines


def _most_telling(facts: Facts, steps: list[Node], noted: Mapping[int, str]) -> list[Node]:
    if len(steps) <= MOST:
        return steps
    ends = {0, len(steps) - 1}

    def rank(position: int) -> tuple[int, int]:
        node = steps[position]
        weights = node.layer >= 0 and facts.layers[node.layer].params > 0
        unimportant = 0 if position in ends else 1 + (node.index not in noted) + (not weights)
        return unimportant, min(position, len(steps) - 1 - position)

    chosen = sorted(range(len(steps)), key=rank)[: MOST - 1]
    return [steps[position] for position in sorted(chosen)]


def _row(facts: Facts, node: Node, note: str) -> tuple[str, str, str, str]:
    shape = ", ".join(map(str, node.output_shapes[0]))
    # As Python writes it, and as the sentence above the table does: a single axis has a comma.
    return (
        _name(node),
        _settings(facts, node),
        f"({shape}{',' * (len(node.output_shapes[0]) == 1)})",
        note,
    )


def _name(node: Node) -> str:
    if node.layer >= 0:
        return node.op
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.op).lower()


def _settings(facts: Facts, node: Node) -> str:
    if node.layer < 0:
        return ""
    layer, config = facts.layers[node.layer], core(facts, node).config
    inner = config.get("layer") or config.get("cell") or config
    words = list(dict.fromkeys(layer.wrapped))
    words += [text.format(inner[key]) for key, text in _COUNTS.items() if key in inner]
    if inner.get("kernel_size"):
        words.append(_sizes(inner["kernel_size"], "window"))
    if inner.get("pool_size"):
        words.append(f"pool {_sizes(inner['pool_size'])}")
    if layer.activation not in (None, "linear"):
        words.append(str(layer.activation))
    kernels = [weight for weight in layer.weights if weight.name.endswith("kernel")]
    if kernels and not any(weight.trainable for weight in kernels):
        words.append("frozen")
    strides = inner.get("strides") or 1
    words += _unless_one("stride", strides if strides != inner.get("pool_size") else 1)
    words += _unless_one("dilation", inner.get("dilation_rate", 1))
    return ", ".join(words)


def _sizes(value: Any, word: str = "") -> str:
    """Return "3 x 3" for several axes, and `word` with the length for a single axis."""
    sizes = value if isinstance(value, tuple) else (value,)
    shown = " x ".join(map(str, sizes))
    return shown if len(sizes) > 1 else f"{word} {shown}".strip()


def _unless_one(word: str, value: Any) -> list[str]:
    """Return a setting as words, without words where it is 1 along all axes."""
    sizes = set(value) if isinstance(value, tuple) else {value}
    if sizes == {1}:
        return []
    return [f"{word} {sizes.pop() if len(sizes) == 1 else _sizes(value)}"]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
