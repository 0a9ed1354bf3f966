"""Grades one honest submission of each exercise under many seeds and writes docs/figures/seeds.md.

    python benchmarks/seeds.py --seeds 20

Each seed sets the generators of Python, NumPy, TensorFlow and Keras in the student's process, and
with them initial weights and the order of batches.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import Root
from autograder.grading.batch import run
from autograder.grading.scorer import Scorer
from autograder.grading.site import default_workers, open_scorer
from autograder.grading.task import Task
from autograder.result import Result

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "figures" / "seeds.md"
HEAD = """# Twenty seeds

`benchmarks/seeds.py` grades the reference solutions of {names} as it grades a student's
submission, under different seeds, with the usual limits and thresholds, and writes this page.

Each cell has the points and, in brackets, the measurements behind them. *Borderline* marks a result
near a threshold. *n tries* marks a result that was tried again.
"""


def graded(names: list[str], seeds: int) -> dict[tuple[str, int], Result]:
    """Return the result of each exercise's reference under each seed."""
    root = Root(ROOT)
    runs = [(name, seed) for name in names for seed in range(seeds)]
    with open_scorer(Course(ROOT, DEMO_KEY)) as probed:
        station, references = probed.station, probed.references

        def score(run_of: tuple[str, int]) -> Result:
            name, seed = run_of
            exercise = root.exercise(name)
            task = Task.for_answer(exercise, exercise.solution, student="reference")
            course = Course(ROOT, DEMO_KEY, seed)
            with Scorer(course, station, references=references) as scorer:
                return scorer.score(task)

        results = {}
        for seeded, result in run(runs, score, default_workers()):
            results[seeded] = result
            print(*seeded, f"{result.score:g}/{result.max_score:g}", flush=True)
        return results


def cell(result: Result) -> str:
    """Return a result in a few words: points, tries and measurements."""
    measures = {measure.name: measure for check in result.checks for measure in check.measures}
    numbers = ", ".join(f"{name} {measure.value:.3g}" for name, measure in measures.items())
    tries = max((measure.tries for measure in measures.values()), default=1)
    marks = [" *borderline*"] if any(check.borderline for check in result.checks) else []
    marks += [f" *{tries} tries*"] if tries > 1 else []
    return f"**{result.score:g}/{result.max_score:g}**{''.join(marks)} ({numbers})"


def main() -> int:
    """Write the page; exit 1 when a seed cost points."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--exercise", action="append", help="default: all")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    names = options.exercise or list(Root(ROOT).names())
    results = graded(names, options.seeds)
    lines = [HEAD.format(names=", ".join(names))]
    for name in names:
        lines += [f"## {name}", "", "| seed | points (measurements) |", "| ---: | --- |"]
        lines += [f"| {seed} | {cell(results[name, seed])} |" for seed in range(options.seeds)]
        lines += [""]
    options.page.write_text("\n".join(lines), "utf-8")
    return int(any(result.score < result.max_score for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
