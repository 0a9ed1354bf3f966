"""Times the same class through what instructors use today, and through `autograder grade`.

    pip install 'otter-grader[grading]==7.0.0'
    python -m benchmarks.against --notebooks 48 --rounds 4

The ways: `nbgrader autograde` as documented, and two such commands at once over halves of the
class; `otter run` as documented, file after file, and a pool of two over otter's API; `autograder
grade` with a worker for each processor; and no grader, cells and tests in a bare process and in two
bare processes, which bounds the speed of any grader. Every notebook is different, nothing is
reused. The class is dealt out over rounds; in each round all ways take turns on the same notebooks.
Before a round each way grades a notebook alone: its cold start. Scores must be equal.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import nbformat

from autograder.sandbox.launch import environment
from benchmarks import homework, turns
from benchmarks.nbgrader import CONFIG, Way

BIN = Path(sys.executable).parent
NBGRADER, NBGRADERS = "nbgrader autograde", "nbgrader autograde, two at once"
OTTER, OTTERS = "otter run", "otter API, pool of two"
BARE, BARES = "a bare process", "two bare processes"
OURS = "autograder grade"
LANES = {NBGRADER: 1, NBGRADERS: 2, OTTER: 1, OTTERS: 2, BARE: 1, BARES: 2, OURS: 2}
Scores = dict[int, float]
Grade = Callable[[Sequence[int]], tuple[float, Scores]]

# The pool is warm: importing otter counts as its cold start, as importing TensorFlow does as ours.
POOL = """
import json, sys
from concurrent.futures import ProcessPoolExecutor
from otter.api import grade_submission

def grade(path):
    return path, grade_submission(path, sys.argv[1], quiet=True).total

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        print(json.dumps(list(pool.map(grade, sys.argv[2:]))))
"""

# Runs cells and tests and nothing else; importing counts as its cold start as well.
SCRIPT = """
import json, sys
import keras, nbformat, numpy
points, tests = json.loads(sys.argv[1])
for path in sys.argv[2:]:
    space, total = {}, 0.0
    for cell in nbformat.read(path, 4).cells:
        exec(cell.source, space)
    for name, source in tests.items():
        try:
            exec(source, space)
        except Exception:
            continue
        total += points[name]
    print(total)
"""


def _run(command: Sequence[str], folder: Path) -> str:
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env={**os.environ, "PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _hand_in(folder: Path, numbers: Sequence[int], epochs: int) -> list[Path]:
    """Write each student's notebook as NUMBER/net.ipynb and return the paths."""
    paths = [folder / str(number) / f"{homework.NAME}.ipynb" for number in numbers]
    for number, path in zip(numbers, paths, strict=True):
        path.parent.mkdir(parents=True)
        nbformat.write(homework.plain(number, epochs), path)
    return paths


def nbgraders(root: Path, halves: int, epochs: int) -> Grade:
    """`nbgrader autograde` over the class cut into so many courses, all at once."""
    command = ["nbgrader", "autograde", "hw"]
    ways = [Way(root / f"nbgrader{halves}{n}", CONFIG, command) for n in range(halves)]

    def grade(numbers: Sequence[int]) -> tuple[float, Scores]:
        shares = [numbers[n::halves] for n in range(halves)]
        busy = [(way, share) for way, share in zip(ways, shares, strict=True) if share]
        for way, share in busy:
            way.hand_in(share, epochs)
        started = time.perf_counter()
        with ThreadPoolExecutor(halves) as pool:
            list(pool.map(lambda handed: handed[0].run(command), busy))
        taken = time.perf_counter() - started
        scores: Scores = {}
        for way, share in busy:
            grades = way.grades()
            for number in share:
                student = f"student{number:03}"
                scores[number] = sum(grades[student, name] or 0.0 for name in homework.POINTS)
        return taken, scores

    return grade


def otters(root: Path, pooled: bool, epochs: int) -> Grade:
    """`otter run` on one file after the other, or a pool of two over otter's API."""
    root.mkdir()
    (root / "tests").mkdir()
    for name, source in homework.TESTS.items():
        lines = [
            ("... " if line.startswith(" ") else ">>> ") + line for line in source.splitlines()
        ]
        case = {"code": "\n".join(lines), "hidden": False, "locked": False}
        test = {"name": name, "points": homework.POINTS[name], "suites": [{"cases": [case]}]}
        suite = {"scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test["suites"][0] |= suite
        (root / "tests" / f"{name}.py").write_text(f"OK_FORMAT = True\n\ntest = {test!r}\n")
    beside = homework.files(homework.course(root / "authored"))
    for name, content in beside.items():
        (root / name).write_bytes(content)
    _run(["otter", "generate", "-t", "tests", "-o", "autograder.zip", *beside], root)

    def grade(numbers: Sequence[int]) -> tuple[float, Scores]:
        with tempfile.TemporaryDirectory(dir=root) as folder:
            paths = _hand_in(Path(folder), numbers, epochs)
            started = time.perf_counter()
            earned = _pool(root, paths) if pooled else [_otter_run(root, path) for path in paths]
            return time.perf_counter() - started, dict(zip(numbers, earned, strict=True))

    return grade


def _otter_run(root: Path, path: Path) -> float:
    _run(["otter", "run", str(path), "-a", "autograder.zip", "-o", str(path.parent)], root)
    tests = json.loads((path.parent / "results.json").read_text("utf-8"))["tests"]
    return sum(float(test.get("score", 0)) for test in tests if test["name"] in homework.POINTS)


def _pool(root: Path, paths: Sequence[Path]) -> list[float]:
    script = root / "pool.py"
    script.write_text(POOL)
    command = ["python", str(script), str(root / "autograder.zip"), *map(str, paths)]
    answer = _run(command, root).splitlines()[-1]
    return [float(total) for _, total in json.loads(answer)]


def ours(root: Path, epochs: int) -> Grade:
    """`autograder grade` with a worker for each processor; the solution trains as long as they."""
    homework.course(root, epochs)

    def grade(numbers: Sequence[int]) -> tuple[float, Scores]:
        with tempfile.TemporaryDirectory(dir=root) as place:
            _hand_in(Path(place) / "class", numbers, epochs)
            out = Path(place) / "out"
            started = time.perf_counter()
            _run(["autograder", "grade", f"{place}/class", "-o", str(out), "--root", "."], root)
            taken = time.perf_counter() - started
            with (out / "grades.csv").open(newline="") as file:
                return taken, {int(r["student"]): float(r["score"]) for r in csv.DictReader(file)}

    return grade


def bares(root: Path, lanes: int, epochs: int) -> Grade:
    """No grader: each of so many processes runs its share of the notebooks, cells and tests."""
    root.mkdir()
    for name, content in homework.files(homework.course(root / "authored")).items():
        (root / name).write_bytes(content)
    parameters = json.dumps([homework.POINTS, homework.TESTS])
    env = {**environment(), "PATH": os.environ["PATH"]}

    def share(paths: Sequence[Path]) -> list[float]:
        command = [sys.executable, "-c", SCRIPT, parameters, *map(str, paths)]
        done = subprocess.run(
            command, cwd=root, env=env, check=True, capture_output=True, text=True
        )
        return [float(line) for line in done.stdout.splitlines()]

    def grade(numbers: Sequence[int]) -> tuple[float, Scores]:
        with tempfile.TemporaryDirectory(dir=root) as folder, ThreadPoolExecutor(lanes) as pool:
            paths = _hand_in(Path(folder), numbers, epochs)
            busy = range(min(lanes, len(paths)))
            started = time.perf_counter()
            scores = list(pool.map(share, [paths[lane::lanes] for lane in busy]))
            taken = time.perf_counter() - started
        dealt = [number for lane in busy for number in numbers[lane::lanes]]
        return taken, dict(zip(dealt, chain.from_iterable(scores), strict=True))

    return grade


def main() -> None:
    """Print seconds a notebook and how many times as fast ours is, with the spread over rounds."""
    parser = turns.parser(__doc__, notebooks=48, rounds=4, epochs=9)
    others = [name for name in LANES if name != OURS]
    parser.add_argument("--without", action="append", default=[], choices=others)
    options = parser.parse_args()
    lanes = {name: LANES[name] for name in LANES if name not in options.without}
    taken = turns.Turns(lanes, options.notebooks // options.rounds)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        root = Path(place)
        makers: dict[str, Callable[[int], Grade]] = {
            NBGRADER: partial(nbgraders, root, 1),
            NBGRADERS: partial(nbgraders, root, 2),
            OTTER: partial(otters, root / "otter", False),
            OTTERS: partial(otters, root / "otters", True),
            BARE: partial(bares, root / "bare", 1),
            BARES: partial(bares, root / "bares", 2),
            OURS: partial(ours, root / "ours"),
        }
        ways = {name: makers[name](options.epochs) for name in lanes}
        for number in range(options.rounds):
            scores: dict[str, Scores] = {}
            for name in taken.order(number):
                grade = partial(_noting, ways[name], scores.setdefault(name, {}))
                taken.take(name, number, grade)
            for name, earned in scores.items():
                assert earned == scores[OURS], f"{name} comes to other scores: {scores}"
    turns.report(taken, {name: (name, OURS) for name in lanes}, "ours is faster")


def _noting(grade: Grade, scores: Scores, numbers: range) -> float:
    seconds, earned = grade(numbers)
    scores |= earned
    return seconds


if __name__ == "__main__":
    main()
