"""Grades everything that was handed in and writes the reports: what `autograder grade` does."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder import __version__
from autograder.course import datasets
from autograder.course.course import Course, asked_functions
from autograder.course.exercise import Root, settings_of
from autograder.course.opening import checked_root
from autograder.errors import (
    BatchInterrupted,
    ClusterLost,
    MissingExtra,
    ReportError,
    UnknownExercise,
)
from autograder.grading.batch import Batch
from autograder.grading.cache_key import Keys
from autograder.grading.handover import hand_over
from autograder.grading.journal import NAME, open_journal
from autograder.grading.progress import Progress
from autograder.grading.reviews import reviews_of, write_pictures
from autograder.grading.site import Site, default_workers, local_site
from autograder.grading.worklist import Work, Worklist
from autograder.report import csv_file, json_file, question_page, student_pages
from autograder.result import Result, Status
from autograder.submissions.collect import collect
from autograder.submissions.submission import Collected

__all__ = ["Summary", "cluster_at", "grade"]

StrPath = str | os.PathLike[str]
# Withheld submissions that are graded once more, alone: a neighbour may have filled the disk. Where
# more are withheld, the course or the machine is at fault, and all of them would take long.
_MOST_AGAIN = 20


@dataclass(frozen=True, slots=True)
class Summary:
    """What a call of `grade` came to: how many submissions ended how, and where the reports lie.

    `graded` submissions have points, `rejected` submissions could not be used, and for `failed`
    submissions the grader itself is at fault: the next call grades these again. `kept` counts the
    submissions whose result an earlier call had finished.
    """

    out: Path
    graded: int
    rejected: int
    failed: int
    kept: int

    def results(self) -> tuple[Result, ...]:
        """Read all results from results.json, by student, exercise and source.

        Raises OSError, and UnknownSchema where the file has been replaced by another version's.
        """
        return json_file.read(self.out / json_file.NAME)


def grade(
    paths: StrPath | Iterable[StrPath],
    out: StrPath,
    *,
    root: StrPath | None = None,
    key: StrPath | None = None,
    exercise: str | None = None,
    workers: int | None = None,
    seed: int = 0,
    fresh: bool = False,
    journal: StrPath | None = None,
    dask: str | None = None,
    accept_weak_isolation: bool = False,
    adjustments: StrPath | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Grade what was handed in, write the reports and return how many submissions ended how.

        import autograder

        summary = autograder.grade("submissions", "graded", workers=4)
        for result in summary.results():
            print(result.student, result.exercise, result.score, result.max_score)

    This is `autograder grade` for a program, and like that needs Linux. Results that the journal
    holds are kept, so a call after an interruption goes on where the batch was. Student code runs
    in the sandbox, never in this process.

    Args:
        paths: Notebooks, scripts, folders, and archives of a learning platform; one or several.
        out: The folder for results.json, grades.csv, the students' pages, and the journal.
        root: The course, a folder with solutions/ and datasets/; without it the nearest such
            folder at or above the current one.
        key: The file that holds the course's key for held-out rows; without it the public
            demonstration key.
        exercise: The exercise that a file answers which does not say so itself.
        workers: How many submissions are graded at a time, at least 1; without it one for each
            processor, as far as the free memory holds them.
        seed: The seed of every random generator that a submission meets.
        fresh: Grade again what the journal holds.
        journal: The file for finished results, on a local disk; without it journal.db in `out`.
        dask: The address of a Dask scheduler, on whose cluster the batch is graded.
        accept_weak_isolation: Grade although student code could get out; every result says so.
        adjustments: The CSV file with the points that people gave; without it adjustments.csv in
            the course, where that is.
        progress: Hears how the batch goes on.

    Raises:
        UnknownExercise: There is no course, or it has no exercise of that name.
        SettingsError: exercise.toml or a dataset.toml has a fault.
        DataError: The key or a data set cannot be read.
        AdjustmentError: A row of the adjustments does not fit the course or the class.
        MissingPath: One of `paths` or the file of adjustments does not exist.
        WeakIsolation: Student code could get out here, and that was not accepted.
        SiteError: There is no cluster at that address, or its versions differ.
        ClusterLost: The cluster was lost meanwhile; what was finished is written.
        MissingExtra: `dask` was given, and Dask is not installed.
        JournalError: The journal cannot be used; nothing that it holds is lost.
        ReportError: The reports cannot be written; every result is in the journal.
        BatchInterrupted: Ctrl-C was pressed; what was finished is written. It is a
            KeyboardInterrupt.
    """
    out = Path(out)
    place = checked_root(Path(root or Path.cwd()).resolve())
    course = Course(place.path, datasets.read_key(None if key is None else Path(key)), seed)
    several = (paths,) if isinstance(paths, (str, os.PathLike)) else paths
    collected = _collected(tuple(map(Path, several)), place, exercise, out)
    reviews = reviews_of(place, collected, None if adjustments is None else Path(adjustments))
    progress = progress or Progress()
    with open_journal(Path(journal or out / NAME), fresh=fresh) as opened:
        keys = Keys(course, accept_weak_isolation)
        worklist = Worklist(collected, keys, opened, reviews=reviews)
        names = sorted({work.submissions[0].exercise for work in worklist.work})
        for name in names:
            course.released_files(place.exercise(name))  # a fault in the data is told first
        site: Callable[..., AbstractContextManager[Site]]
        if dask is None:
            site = partial(local_site, course, names, workers or default_workers())
        else:
            site = partial(cluster_at, dask, course, progress.note)
        open_site = partial(site, accept_weak_isolation=accept_weak_isolation)
        return _Session(out, worklist, open_site, progress).run()


def _collected(paths: tuple[Path, ...], place: Root, exercise: str | None, out: Path) -> Collected:
    names = place.names()
    if exercise is not None and exercise not in names:
        raise UnknownExercise(f"no exercise {exercise!r}; there: {', '.join(names)}")
    settings = {name: settings_of(place.exercise(name)) for name in names}
    models = {name: found.model for name, found in settings.items() if found.model}
    uploads = {
        name: tuple(question.upload for question in found.manual if question.upload)
        for name, found in settings.items()
        if found.manual
    }
    functions = {name: asked_functions(place.exercise(name)) for name in names}
    return collect(
        paths,
        names,
        exercise=exercise,
        models=models,
        pictures=uploads,
        functions=functions,
        output=out,
    )


def cluster_at(
    address: str, course: Course, tell: Callable[[str], None], *, accept_weak_isolation: bool
) -> AbstractContextManager[Site]:
    """Return the context of `cluster_site`; raises MissingExtra where Dask is not installed."""
    try:
        from autograder.grading.cluster import cluster_site
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"dask needs {error.name}: pip install 'keras-autograder[dask]'"
        ) from None
    return cluster_site(address, course, tell, accept_weak_isolation=accept_weak_isolation)


@dataclass(slots=True)
class _Session:
    """One batch: what is not finished yet is graded, and all of it is written to `out`."""

    out: Path
    worklist: Worklist
    open_site: Callable[[], AbstractContextManager[Site]]
    progress: Progress
    counts: Counter[Status] = field(default_factory=Counter)
    asking: bool = False
    unapplied: list[int] = field(default_factory=list)

    def run(self) -> Summary:
        """Grade and write; raises BatchInterrupted and ClusterLost when all is written."""
        self._note_what_is_there()
        early = self._grade() if self.worklist.work else None
        self._write()
        if early is not None:
            raise early(self.worklist.ungraded)
        if not self.worklist.withheld:
            self.worklist.journal.complete()
        return Summary(
            out=self.out,
            graded=self.counts[Status.GRADED],
            rejected=self.counts[Status.REJECTED],
            failed=self.counts[Status.GRADER_ERROR],
            kept=self.worklist.kept,
        )

    def _note_what_is_there(self) -> None:
        if self.worklist.kept:
            self.progress.note(
                f"{self.worklist.kept} graded before and kept (--fresh grades them again)."
            )
        identical = sum(len(work.submissions) - 1 for work in self.worklist.work)
        if identical:
            self.progress.note(f"{identical} identical to another and graded once with it.")

    def _grade(self) -> type[BatchInterrupted] | type[ClusterLost] | None:
        """Grade what has no result; return the exception of a batch that ended early."""
        worklist, course = self.worklist, self.worklist.keys.course
        try:
            with ExitStack() as stack:
                with self.progress.starting():
                    site = stack.enter_context(self.open_site())
                worklist.journal.remember(_environment(site.isolation, course.seed))
                count = sum(len(work.submissions) for work in worklist.work)
                stack.enter_context(self.progress.grading(count))
                submit = partial(hand_over, site, course, self.progress)
                withheld: list[Work] = []
                for work, result in Batch(worklist.work, submit, site.at_once):
                    if result.status is Status.GRADER_ERROR and len(withheld) < _MOST_AGAIN:
                        withheld.append(work)  # told once it has been graded again
                        worklist.finish(work, result)
                    else:
                        self._finish(work, result)
                if withheld:
                    self.progress.note(
                        f"The grader had a fault; graded again, one at a time: {len(withheld)}."
                    )
                for work, result in Batch(withheld, partial(submit, tries=1), lambda: 1):
                    self._finish(work, result)
        except KeyboardInterrupt:
            return BatchInterrupted
        except CancelledError:  # nobody here cancels what the batch still waits for
            return ClusterLost
        return None

    def _finish(self, work: Work, result: Result) -> None:
        for stamped in self.worklist.finish(work, result):
            self.progress.finished(stamped)

    def _write(self) -> None:
        environment = self.worklist.journal.environment()
        results = self._counted()
        try:
            json_file.write(self.out, results, version=__version__, environment=environment)
            csv_file.write(self.out, self.worklist, with_open=self.asking)
            student_pages.write(self.out, self.worklist)
            question_page.write(self.out, self.worklist)
            write_pictures(self.out, self.worklist.collected)
        except OSError as error:
            raise ReportError(
                f"the reports could not be written ({error}). No result is lost: run the same "
                "command again."
            ) from None
        self.progress.written(self.worklist)
        if self.unapplied:
            lines = ", ".join(map(str, self.unapplied))
            path = self.worklist.reviews.adjustments.path
            self.progress.note(
                f"{path}: no effect yet of line {lines}: there is no grade that could be adjusted."
            )

    def _counted(self) -> Iterator[Result]:
        for result in self.worklist:
            self.counts[result.status] += 1
            asked = any(check.answer is not None for check in result.checks)
            self.asking = self.asking or asked
            if result.status is not Status.GRADED:
                rows = self.worklist.reviews.adjustments.of(result.student, result.exercise)
                self.unapplied += sorted(row.line for row in rows.values())
            yield result


def _environment(isolation: Mapping[str, Any], seed: int) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("tensorflow", "keras", "numpy", "pytest")},
        "isolation": dict(isolation),
        "seed": seed,
        "threads": 1,
    }
