"""Which known answers a calibration grades, and under which course keys and seeds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.checks.thresholds import RETRY_SEEDS
from autograder.course.datasets import DEMO_KEY, key_fingerprint
from autograder.course.exercise import Exercise, settings_of
from autograder.errors import SettingsError
from autograder.grading.task import Task

__all__ = [
    "Run",
    "answer_path",
    "course_key",
    "honest_answers",
    "plan",
    "run_of",
    "runs_per_key",
]

_REFERENCE = "reference"
_RIGHT, _WRONG = "right", "wrong"
_SEEDS_PER_KEY = 2
_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Run:
    """One answer to grade under one course key and one seed; `weak` answers must not pass."""

    answer: str
    weak: bool
    key: bytes
    seed: int
    task: Task

    @property
    def name(self) -> tuple[bool, str, int]:
        """What tells this run from the others of its plan: each seed belongs to one key."""
        return self.weak, self.answer, self.seed


def plan(exercise: Exercise, runs: int, *, keys: int = 0) -> Iterator[Run]:
    """Yield at least `runs` runs of honest answers, and a run of each weak answer for every key.

    Each honest answer runs under several course keys, at least `keys`, and twice under each with
    another seed: so what differs between styles, between splits and between seeds can be told
    apart. A weak answer also runs under the seeds of the retries: near a threshold, grading gives
    it these chances too. The reference comes first. A plan with more runs begins with the plan
    with fewer, so a calibration can grow.

    Raises SettingsError where exercise.toml names a weak answer that wrong/ does not have, and for
    a threshold with neither a weak answer nor a value.
    """
    honest = honest_answers(exercise)
    weak = [f"{_WRONG}/{stem}" for stem in _weak_stems(exercise)]
    for number in range(max(keys, math.ceil(runs / runs_per_key(exercise)))):
        for again in range(_SEEDS_PER_KEY):
            for answer in [*honest, *weak] if again == 0 else honest:
                seed = number * _SEEDS_PER_KEY + again
                yield run_of(exercise, answer, _key(number), seed)
        for seed in RETRY_SEEDS if number == 0 else ():
            for answer in weak:
                yield run_of(exercise, answer, _key(0), seed)


def honest_answers(exercise: Exercise) -> tuple[str, ...]:
    """Return the names of the honest answers, the reference first."""
    return (_REFERENCE, *(f"{_RIGHT}/{path.stem}" for path in exercise.right))


def runs_per_key(exercise: Exercise) -> int:
    """Return how many honest runs a plan has under each course key."""
    return len(honest_answers(exercise)) * _SEEDS_PER_KEY


def run_of(exercise: Exercise, answer: str, key: bytes, seed: int) -> Run:
    """Return the run of a known answer: "reference", "right/STEM" or "wrong/STEM".

    Raises AnswerError for an answer that cannot be laid over the solution.
    """
    path = answer_path(exercise, answer)
    task = Task.for_answer(exercise, path, student=answer)
    return Run(answer, answer.startswith(f"{_WRONG}/"), key, seed, task)


def answer_path(exercise: Exercise, answer: str) -> Path:
    """Return the file of a known answer; it may be missing."""
    if answer == _REFERENCE:
        return exercise.solution
    folder, _, stem = answer.partition("/")
    return exercise.authored / folder / f"{stem}.py"


def course_key(fingerprint: str) -> bytes:
    """Return the key of a planned run by the key's fingerprint; raises SettingsError for others."""
    for number in range(_MOST_KEYS):
        if key_fingerprint(_key(number)) == fingerprint:
            return _key(number)
    raise SettingsError(f"{fingerprint!r} is the fingerprint of no key that calibrations use")


def _key(number: int) -> bytes:
    return b"calibration key %d" % number if number else DEMO_KEY


def _weak_stems(exercise: Exercise) -> list[str]:
    stems: set[str] = set()
    there = {path.stem for path in exercise.wrong}
    known = f"there: {', '.join(sorted(there)) or 'none'}"
    for declared in settings_of(exercise).thresholds:
        if not declared.weak and declared.value is None:
            raise SettingsError(
                f"{exercise.authored / 'exercise.toml'}: thresholds.{declared.name} has neither "
                "`weak` nor `value`, so nothing tells how bad is too bad. Name in `weak` the wrong "
                f"answers that must not reach the threshold ({known}), or give its `value`"
            )
        stems.update(declared.weak)
    if unknown := stems - there:
        raise SettingsError(
            f"{exercise.name}: no such wrong answers: {', '.join(sorted(unknown))}; {known}"
        )
    return sorted(stems)
