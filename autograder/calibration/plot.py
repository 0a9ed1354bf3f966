"""Draws the distributions of a calibration: runs as dots, thresholds as lines with their bands."""

from __future__ import annotations

from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autograder.checks.thresholds import Threshold
from autograder.course.calibration_file import CalibratedThreshold, Calibration

__all__ = ["draw"]

_HONEST, _WEAK, _LINE = "#2b6cb0", "#c05621", "#2f855a"
_ROW = 0.2  # inches
_LOGARITHMIC = 20  # from this ratio of the largest to the smallest value on


def draw(calibration: Calibration, path: Path) -> None:
    """Draw the distributions of a calibration, one panel a threshold, and write an SVG."""
    thresholds = calibration.thresholds
    rows = [len(threshold.honest) + len(threshold.weak) for threshold in thresholds.values()]
    # Reproducible: the same figures give the same file.
    with rc_context({"svg.hashsalt": "autograder", "font.size": 8, "svg.fonttype": "none"}):
        height = sum(_ROW * count + 0.9 for count in rows)
        figure = Figure(figsize=(8, height), layout="constrained")
        panels = figure.subplots(
            len(thresholds), 1, squeeze=False, height_ratios=[count + 4 for count in rows]
        )
        for panel, (name, threshold) in zip(panels[:, 0], thresholds.items(), strict=True):
            _draw_panel(panel, name, threshold)
        figure.savefig(path, metadata={"Date": None})


def _draw_panel(axes: Axes, name: str, threshold: CalibratedThreshold) -> None:
    labels: list[str] = []
    values: list[float] = []
    for colour, runs_by_answer in ((_HONEST, threshold.honest), (_WEAK, threshold.weak)):
        for answer, runs in runs_by_answer.items():
            heights = [len(labels)] * len(runs)
            axes.plot([run.value for run in runs], heights, "o", ms=3.5, alpha=0.6, color=colour)
            labels.append(answer)
            values += [run.value for run in runs]
    limit = Threshold(
        name, threshold.value, threshold.better, threshold.noise, threshold.logarithmic
    )
    axes.axvspan(*limit.band, color=_LINE, alpha=0.15, lw=0)
    axes.axvline(limit.value, color=_LINE, lw=1.2)
    positive = [value for value in (*values, limit.value) if value > 0]
    if min(values) > 0 and max(positive) > _LOGARITHMIC * min(positive):
        axes.set_xscale("log")
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_title(f"{name}: {threshold.better} is better, threshold {limit.value:g}", loc="left")
    axes.set_xlabel(threshold.what)
    axes.grid(axis="x", alpha=0.3)
