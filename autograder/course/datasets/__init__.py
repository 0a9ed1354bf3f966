"""Data sets: folders that are read, split by a course's key, and written for students.

- `load` gives a check the arrays of a data set, `training_files` what students get of it;
- `read_back` gives a student's own checks the training rows from those files;
- `read_key` and `key_fingerprint` are about the key that decides which rows are held out.
"""

from __future__ import annotations

from autograder.course.datasets.arrays import Array
from autograder.course.datasets.keys import DEMO_KEY, key_fingerprint, read_key
from autograder.course.datasets.loading import load, training_files
from autograder.course.datasets.releasing import DESCRIPTION, read_back
from autograder.course.datasets.rows import Rows, Split
from autograder.course.documents.dataset_toml import names

__all__ = [
    "DEMO_KEY",
    "DESCRIPTION",
    "Array",
    "Rows",
    "Split",
    "key_fingerprint",
    "load",
    "names",
    "read_back",
    "read_key",
    "training_files",
]
