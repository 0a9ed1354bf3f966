"""A class's submissions and refused files, as `collect` returns them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UnreadableFile
from autograder.submissions.found_file import Location
from autograder.submissions.helpers import HelperFile, digest_of
from autograder.submissions.pictures import Picture
from autograder.submissions.pretrained import PretrainedFile
from autograder.submissions.scan import Reader


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's work on one exercise; `suffix` is '.ipynb' or '.py'.

    The bytes stay where they are until `read`, so that a large class fits in memory.
    """

    student: str
    exercise: str
    source: str
    suffix: str
    sha256: str
    notes: tuple[str, ...] = ()
    location: Location = field(default=Location(Path()), repr=False)
    model: PretrainedFile | None = None
    pictures: tuple[Picture, ...] = ()
    helpers: tuple[HelperFile, ...] = ()

    @property
    def digest(self) -> str:
        """The digest of all that was handed in: notebook, model and the modules beside it."""
        return self.sha256 + (self.model.sha256 if self.model else "") + digest_of(self.helpers)

    def read(self) -> bytes:
        """Return the submitted bytes; raise UnreadableFile where they changed since `collect`."""
        return _unchanged(self.location, self.sha256)

    def read_model(self) -> bytes:
        """Return the bytes of the model that came along, b"" without one; raise UnreadableFile."""
        return _unchanged(self.model.location, self.model.sha256) if self.model else b""

    def read_helpers(self) -> dict[str, bytes]:
        """Return the modules that it imports, by their path beside it; raise UnreadableFile."""
        return {helper.name: _unchanged(helper.location, helper.sha256) for helper in self.helpers}

    def read_picture(self, picture: Picture) -> bytes:
        """Return the bytes of one of its pictures, b"" without one; raise UnreadableFile."""
        if picture.location is None:
            return b""
        return _unchanged(picture.location, picture.sha256)


def _unchanged(location: Location, sha256: str) -> bytes:
    with Reader() as reader:
        data = reader.read(location)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UnreadableFile("The file changed while the class was being graded. Grade it again.")
    return data


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that cannot be graded; `student` and `exercise` are '' if unknown."""

    student: str
    exercise: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Collected:
    """The submissions and refused files of a class, by student, exercise and source."""

    submissions: tuple[Submission, ...]
    rejected: tuple[Rejected, ...]
