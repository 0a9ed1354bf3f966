"""Grades one honest submission of each exercise under many seeds and writes docs/seeds.md.

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
from autograder.grading.task import Task, trained_model
from autograder.result import Result

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "seeds.md"
HEAD = """# Twenty seeds

The reference solutions of {names}, graded as a student's submission under different seeds, with the
limits and the thresholds of any other. Written by `benchmarks/seeds.py`.

Each cell has the points, and in brackets the measurements they rest on. *Borderline* marks a result
that was near a threshold; *n tries* one that was tried again.
"""


def graded(names: list[str], seeds: int) -> dict[tuple[str, int], Result]:
    """Return the result of each exercise's reference under each seed."""
    root = Root(ROOT)
    items = [(name, seed) for name in names for seed in range(seeds)]
    with open_scorer(Course(ROOT, DEMO_KEY)) as probed:
        station, references = probed.station, probed.references

        def score(item: tuple[str, int]) -> Result:
            name, seed = item
            exercise = root.exercise(name)
            model = trained_model(exercise, exercise.solution)
            task = Task.for_answer(name, exercise.solution, model, student="reference")
            course = Course(ROOT, DEMO_KEY, seed)
            with Scorer(course, station, references=references) as scorer:
                return scorer.score(task)

        found = {}
        for item, result in run(items, score, default_workers()):
            found[item] = result
            print(*item, f"{result.score:g}/{result.max_score:g}", flush=True)
        return found


def cell(result: Result) -> str:
    """Return one result in a few words."""
    measures = {one.name: one for check in result.checks for one in check.measures}
    numbers = ", ".join(f"{name} {one.value:.3g}" for name, one in measures.items())
    tries = max((one.tries for one in measures.values()), default=1)
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
    found = graded(names, options.seeds)
    lines = [HEAD.format(names=", ".join(names))]
    for name in names:
        lines += [f"## {name}", "", "| seed | points (measurements) |", "| ---: | --- |"]
        lines += [f"| {seed} | {cell(found[name, seed])} |" for seed in range(options.seeds)]
        lines += [""]
    options.page.write_text("\n".join(lines), "utf-8")
    return int(any(one.score < one.max_score for one in found.values()))


if __name__ == "__main__":
    sys.exit(main())
