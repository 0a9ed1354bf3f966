"""What a check gets of a data set: the named arrays of its rows, for training and held out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.course.datasets.arrays import Array
from autograder.errors import UnknownArray

__all__ = ["Rows", "Split"]


@dataclass(frozen=True, slots=True, eq=False)
class Rows(Mapping[str, Array]):
    """Arrays by name: numbers, strings or times of any shape, the rows as first axis.

    Arrays that belong to no row, such as the names of classes, come last.

    `rows["image"]` is an array; an unknown name raises UnknownArray, which lists the names.
    """

    data_set: str
    arrays: Mapping[str, Array]

    def with_whole(self, arrays: Mapping[str, Array]) -> Rows:
        """Return the same with these arrays, which belong to no row, after those of the rows."""
        return Rows(self.data_set, {**self.arrays, **arrays})

    @property
    def count(self) -> int:
        """The number of rows; `len` is the number of arrays."""
        return len(next(iter(self.arrays.values())))

    def __getitem__(self, name: str) -> Array:
        if name not in self.arrays:
            there = ", ".join(self.arrays)
            raise UnknownArray(
                f"the data set {self.data_set} has no array {name!r}; it has: {there}"
            )
        return self.arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A data set as a check gets it: `train` holds what students have, `test` what is held out.

    Both have the same arrays. Of a data set with the arrays x (n, ...), its inputs, and y (n, ...),
    its targets, `x_train`, `y_train`, `x_test` and `y_test` are these; for any other data set they
    raise UnknownArray.
    """

    train: Rows
    test: Rows

    @property
    def x_train(self) -> Array:
        """The training rows' inputs (n, ...)."""
        return self.train["x"]

    @property
    def y_train(self) -> Array:
        """The training rows' targets (n, ...)."""
        return self.train["y"]

    @property
    def x_test(self) -> Array:
        """The held-out rows' inputs (n, ...)."""
        return self.test["x"]

    @property
    def y_test(self) -> Array:
        """The held-out rows' targets (n, ...)."""
        return self.test["y"]
