"""Draws a graph without cycles as an SVG: every arrow points downwards, from row to row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from html import escape
from itertools import accumulate, pairwise
from statistics import fmean

from sklearn.isotonic import isotonic_regression

Graph = Mapping[str, frozenset[str]]
"""For each node the nodes that its arrows point at."""
Point = tuple[str, int]
"""A node in a row, or the place where a longer arrow from the node `name` crosses the row."""

Place = tuple[int, int]
"""The middle of a point's upper edge, in pixels."""

WIDTH, HEIGHT, GAP, ROW, MARGIN = 132, 30, 18, 78, 16  # pixels
CROSSING = 14  # pixels that an arrow needs where it crosses a row
SWEEPS = 24  # more do not change the drawing of this package
_STYLE = (
    "text{font:13px system-ui,sans-serif;text-anchor:middle;fill:#123}"
    "rect.box{fill:#e0f2f1;stroke:#00796b}path{fill:none;stroke:#78909c}"
)
_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path d="M0 0 8 4 0 8z" style="fill:#78909c"/></marker></defs>'
)
_HEAD = ' marker-end="url(#tip)"'


def reduced(graph: Graph) -> dict[str, frozenset[str]]:
    """Return the graph without the arrows that follow from two others or more."""
    reach: dict[str, frozenset[str]] = {}
    for node in TopologicalSorter(graph).static_order():
        targets = graph[node]
        reach[node] = targets.union(*(reach[target] for target in targets))
    return {
        node: targets - frozenset().union(*(reach[target] for target in targets))
        for node, targets in graph.items()
    }


def levels(graph: Graph) -> dict[str, int]:
    """Return each node's row: 0 for a node without arrows, else one above all it points at."""
    found: dict[str, int] = {}
    for node in TopologicalSorter(graph).static_order():
        found[node] = max((found[target] + 1 for target in graph[node]), default=0)
    return found


def svg(graph: Graph) -> str:
    """Return the drawing of `reduced(graph)`; raises graphlib.CycleError for a cycle."""
    arrows, level = reduced(graph), levels(graph)
    rows, down = _rows(arrows, level)
    x = _positions(rows, down, level)
    width = round(max(x.values()) + WIDTH / 2 + MARGIN)
    height = 2 * MARGIN + HEIGHT + ROW * (len(rows) - 1)
    places = {point: (round(x[point]), height - MARGIN - HEIGHT - ROW * point[1]) for point in down}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        f"<style>{_STYLE}</style>",
        _TIP,
        f'<rect width="{width}" height="{height}" rx="8" fill="#fff"/>',
        *_arrows(down, level, places),
        *_boxes(level, places),
        "</svg>",
    ]
    return "\n".join([*lines, ""])


def _arrows(
    down: Mapping[Point, list[Point]], level: Mapping[str, int], places: Mapping[Point, Place]
) -> Iterator[str]:
    for upper, targets in down.items():
        for lower in targets:
            (x1, y1), (x2, y2) = places[upper], places[lower]
            ends = level[lower[0]] == lower[1]
            through = "" if ends else f"v{HEIGHT}"  # the arrow crosses this row and goes on
            middle = (y1 + HEIGHT + y2) // 2
            yield (
                f'<path d="M{x1} {y1 + HEIGHT}C{x1} {middle} {x2} {middle} {x2} {y2}{through}"'
                f"{_HEAD if ends else ''}/>"
            )


def _boxes(level: Mapping[str, int], places: Mapping[Point, Place]) -> Iterator[str]:
    for name, row in sorted(level.items()):
        x, y = places[name, row]
        box = f'x="{x - WIDTH // 2}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5"'
        yield f'<rect class="box" {box}/><text x="{x}" y="{y + 20}">{escape(name)}</text>'


def _rows(
    arrows: Graph, level: Mapping[str, int]
) -> tuple[list[list[Point]], dict[Point, list[Point]]]:
    """Return the points of each row, and for each point those that it is joined to one row below.

    An arrow over several rows goes through a point in each: all arrows to one node share them.
    """
    down: dict[Point, list[Point]] = {(node, row): [] for node, row in level.items()}
    for node in sorted(arrows):
        for target in sorted(arrows[node]):
            upper = (node, level[node])
            for row in range(level[node] - 1, level[target] - 1, -1):
                lower = (target, row)
                if lower not in down[upper]:
                    down[upper].append(lower)
                down.setdefault(lower, [])
                upper = lower
    rows: list[list[Point]] = [[] for _ in range(max(level.values()) + 1)]
    for point in sorted(down):
        rows[point[1]].append(point)
    return rows, down


def _positions(
    rows: list[list[Point]], down: Mapping[Point, list[Point]], level: Mapping[str, int]
) -> dict[Point, float]:
    """Return the x of each point's middle: near to the points it is joined to."""
    up: dict[Point, list[Point]] = {point: [] for point in down}
    for upper, targets in down.items():
        for lower in targets:
            up[lower].append(upper)
    alone = {point for point in down if not down[point] and not up[point]}
    x: dict[Point, float] = {}
    for row in rows:
        x |= _spread(dict.fromkeys(row, 0.0), level)
    for sweep in range(SWEEPS):
        order, near = (rows, down) if sweep % 2 == 0 else (rows[::-1], up)
        for row in order:
            wishes = {
                point: fmean(x[other] for other in near[point]) if near[point] else x[point]
                for point in row
            }
            beside = min((wishes[point] for point in row if point not in alone), default=0.0)
            x |= _spread({**wishes, **dict.fromkeys(alone & wishes.keys(), beside)}, level)
    left = min(x.values()) - WIDTH / 2 - MARGIN
    return {point: value - left for point, value in x.items()}


def _spread(wishes: Mapping[Point, float], level: Mapping[str, int]) -> dict[Point, float]:
    """Return places next to the wished ones, in their order, that do not overlap."""
    row = sorted(wishes, key=lambda point: (wishes[point], point))
    sizes = [WIDTH if level[name] == at else CROSSING for name, at in row]
    gaps = [0.0, *((a + b) / 2 + GAP for a, b in pairwise(sizes))]
    offsets = list(accumulate(gaps))
    wished = [wishes[point] - offset for point, offset in zip(row, offsets, strict=True)]
    placed = isotonic_regression(wished)
    return {
        point: float(place) + offset
        for point, place, offset in zip(row, placed, offsets, strict=True)
    }
