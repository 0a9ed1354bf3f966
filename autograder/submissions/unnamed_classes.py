"""Tells the instructor of what may be a class, but counts as one student's: nobody named it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from autograder.submissions import platforms
from autograder.submissions.arguments import Argument, has_people
from autograder.submissions.attempts import Attempt
from autograder.submissions.class_level import folders_above, is_archive
from autograder.submissions.flat_folders import named_files
from autograder.submissions.found_file import FoundFile
from autograder.submissions.listing import shown
from autograder.submissions.submission import Rejected

__all__ = ["unnamed_classes"]


def unnamed_classes(
    one: Argument,
    files: Sequence[FoundFile],
    attempts: Sequence[Attempt],
    is_own: bool,
    exercises: Collection[str],
) -> Iterator[Rejected]:
    """Yield a row without a student for each folder or archive that the instructor may look at.

    The row is in nobody's place: the student's own row stands beside it. `attempts` are those that
    were found in the files.
    """
    if is_own:
        if _is_like_a_class(files, attempts, exercises):
            yield _row(one.place.name, "another place in the same folder is one student's")
        return
    archives: defaultdict[str, set[str]] = defaultdict(set)
    for file in files:
        if is_archive(file.parts[0]) and len(file.parts) > 1:
            archives[file.parts[0]].add(file.parts[1])
    for name, tops in sorted(archives.items()):
        if has_people(tops, exercises) and platforms.parse(name) is None:
            yield _row(name, "it lies in a folder beside other work")


def _is_like_a_class(
    files: Sequence[FoundFile], attempts: Sequence[Attempt], exercises: Collection[str]
) -> bool:
    """Return whether files below one place could as well be those of a class.

    There are two persons with a platform's names or with names of flat files, or two folders answer
    one exercise.
    """
    tops = {file.parts[0] for file in files if file.parts[-1]}
    if has_people(tops, exercises) or named_files(files, exercises):
        return True
    folders: defaultdict[str, set[str]] = defaultdict(set)
    for attempt in attempts:
        above = folders_above(attempt.owned.file, exercises)
        folders[attempt.answer.exercise].add(next(iter(above), ""))
    return any(len(names) > 1 and "" not in names for names in folders.values())


def _row(name: str, reason: str) -> Rejected:
    source = shown(name)
    return Rejected(
        "",
        "",
        source,
        f"{source} may hold a class. It was read as the work of one student, since {reason}. If it "
        "is a class, put it into a folder of its own, and name it in the command.",
    )
