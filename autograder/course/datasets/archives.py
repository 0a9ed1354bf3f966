"""NumPy archives: read into arrays, and written with the same bytes on every machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from autograder.course.datasets.arrays import Array, Arrays, unchanged
from autograder.course.documents.dataset_toml import Member
from autograder.errors import DataError

__all__ = ["read", "write"]

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip entry can carry


def read(path: Path, arrays: Mapping[str, Member]) -> dict[str, Array]:
    """Return the arrays of an archive; without `arrays` all of them, under their own names.

    Raises DataError for a file that is no archive, an array that is not in it, and an array of
    Python's objects.
    """
    if not path.is_file():
        raise DataError(f"{path.name} is missing: expected it in {path.parent}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise DataError(f"{path} holds a single array, expected an archive of np.savez")
            wanted = arrays or {name: Member() for name in archive.files}
            return {name: _array(path, archive, name, wanted[name]) for name in wanted}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is no archive of np.savez: {error}") from None


def write(arrays: Arrays) -> bytes:
    """Return an archive that is stored, not deflated: zlib's output differs between versions."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            entry.create_system = 3  # zipfile would write the platform it runs on
            entry.external_attr = 0o644 << 16
            payload = io.BytesIO()
            little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))
            np.lib.format.write_array(payload, little, version=(1, 0), allow_pickle=False)
            archive.writestr(entry, payload.getvalue())
    return content.getvalue()


def _array(path: Path, archive: np.lib.npyio.NpzFile, name: str, member: Member) -> Array:
    source = member.member or name
    if source not in archive.files:
        raise DataError(f"{path} has no array {source!r}; it has: {', '.join(archive.files)}")
    try:
        array: Array = archive[source]
    except ValueError as error:
        raise DataError(
            f"{path}: the array {source!r} cannot be read ({error}); give strings as a NumPy array "
            "of strings: np.array(list_of_strings)"
        ) from None
    if member.type:
        array = unchanged(array, member.type, name, path)
    return array[..., np.newaxis] if member.channel else array
