"""Tells people of one name apart whose work lies in several places that the instructor named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from autograder.submissions import file_names
from autograder.submissions.arguments import Argument
from autograder.submissions.attempts import Attempt
from autograder.submissions.class_level import bare, is_archive
from autograder.submissions.listing import listed
from autograder.submissions.owners import Place, qualified
from autograder.submissions.student_files import Found

__all__ = ["Share", "told_apart"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one place holds of a student: a folder, an archive, or the files with a name in front.

    `argument` is what the instructor named, with the place in it.
    """

    student: str
    argument: Argument
    place: Place
    found: Found

    def home(self, exercises: Collection[str]) -> tuple[str, ...]:
        """Return what stays the same for a person from one piece of homework to the next."""
        if self.place.platform_id:
            return (self.place.platform_id,)
        parts = (*self.argument.place.parts, *self.place.path)
        return tuple(
            part
            for part in parts
            if bare(part) not in exercises and not file_names.is_homework(bare(part))
        )

    def labels(self) -> tuple[str, str]:
        """Return what may tell this place from others: what was named, and what lies there."""
        kind = "folder" if self.place.path[-1:] != ("",) else "files"
        archive = next((part for part in self.place.path if is_archive(part)), "")
        return self.argument.name, archive or kind


def told_apart(shares: Sequence[Share], exercises: Collection[str]) -> list[Found]:
    """Return what was found; shares of one name that contradict each other get names of their own.

    They do where different files from different places answer one exercise. No file wins then:
    each place is graded by itself, and a note says so.
    """
    by_name: defaultdict[str, defaultdict[tuple[str, ...], list[Share]]]
    by_name = defaultdict(lambda: defaultdict(list))
    for share in shares:
        by_name[share.student][share.home(exercises)].append(share)
    taken = set(by_name)
    result: list[Found] = []
    for name, homes in sorted(by_name.items()):
        groups = list(homes.values())
        if name and _contradict(groups):
            result += _renamed(name, groups, taken)
        else:
            result += [share.found for group in groups for share in group]
    return result


def _contradict(groups: Sequence[Sequence[Share]]) -> bool:
    """Return whether different files from two places answer one exercise."""
    answers: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for group in groups:
        here: defaultdict[str, set[str]] = defaultdict(set)
        for attempt in _attempts(group):
            here[attempt.answer.exercise].add(attempt.sha256)
        for exercise, digests in here.items():
            answers[exercise].append(frozenset(digests))
    return any(len(set(places)) > 1 for places in answers.values())


def _renamed(name: str, groups: Sequence[Sequence[Share]], taken: set[str]) -> Iterable[Found]:
    sources = [
        min((one.owned.file.display for one in _attempts(group)), default="") for group in groups
    ]
    conflict = (
        f"The name {name} stands in several places: {listed(filter(None, sources))}. Each of them "
        "is graded by itself."
    )
    labels = [group[0].labels() for group in groups]
    column = 0 if len({label for label, _ in labels}) == len(labels) else 1
    for group, label in zip(groups, labels, strict=True):
        own_name = qualified(name, label[column], taken)
        taken.add(own_name)
        for share in group:
            yield share.found.renamed(own_name, conflict)


def _attempts(group: Sequence[Share]) -> list[Attempt]:
    return [attempt for share in group for attempt in share.found.attempts]
