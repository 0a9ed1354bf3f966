"""Pictures of calibrations: every run a dot, the threshold a line, its borderline a band."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autograder.checks.thresholds import Threshold

_HONEST, _WEAK, _LINE = "#2b6cb0", "#c05621", "#2f855a"
_ROW = 0.2  # inches
_LOGARITHMIC = 20  # from this ratio of the largest to the smallest value on


def calibration(document: Mapping[str, Any], path: Path) -> None:
    """Draw the distributions of a calibration.json, one panel a threshold, and write an SVG."""
    found = document["thresholds"]
    rows = [len(one["honest"]) + len(one["weak"]) for one in found.values()]
    # Reproducible: the same figures give the same file.
    with rc_context({"svg.hashsalt": "autograder", "font.size": 8, "svg.fonttype": "none"}):
        height = sum(_ROW * count + 0.9 for count in rows)
        figure = Figure(figsize=(8, height), layout="constrained")
        panels = figure.subplots(len(found), 1, squeeze=False, height_ratios=[n + 4 for n in rows])
        for panel, (name, one) in zip(panels[:, 0], found.items(), strict=True):
            _panel(panel, name, one)
        figure.savefig(path, metadata={"Date": None})


def _panel(axes: Axes, name: str, found: Mapping[str, Any]) -> None:
    groups = [(_HONEST, found["honest"]), (_WEAK, found["weak"])]
    labels: list[str] = []
    values: list[float] = []
    for colour, group in groups:
        for answer, runs in group.items():
            heights = [len(labels)] * len(runs)
            axes.plot([run[2] for run in runs], heights, "o", ms=3.5, alpha=0.6, color=colour)
            labels.append(answer)
            values += [run[2] for run in runs]
    logarithmic = found["scale"] == "logarithmic"
    limit = Threshold(name, found["value"], found["better"], found["noise"], logarithmic)
    axes.axvspan(*limit.band, color=_LINE, alpha=0.15, lw=0)
    axes.axvline(limit.value, color=_LINE, lw=1.2)
    positive = [value for value in (*values, limit.value) if value > 0]
    if min(values) > 0 and max(positive) > _LOGARITHMIC * min(positive):
        axes.set_xscale("log")
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_title(f"{name}: {found['better']} is better, threshold {limit.value:g}", loc="left")
    axes.set_xlabel(found["what"])
    axes.grid(axis="x", alpha=0.3)
