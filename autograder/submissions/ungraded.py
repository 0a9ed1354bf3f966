"""Says what the files are that a student handed in and that cannot be graded, and what helps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from autograder.submissions.listing import listed, told

__all__ = ["may_be_work", "reason_without_notebook", "stem_of"]

_COMPANIONS = frozenset(
    f".{ending}"
    for group in (
        "csv tsv npz npy parquet json jsonl toml yaml yml xml txt log md",
        "png jpg jpeg gif svg bmp webp keras h5 hdf5 index ckpt tflite pkl",
    )
    for ending in group.split()
)
"""Endings of what lies beside a notebook: its data, its pictures, its models."""
_MENTIONS_A_NOTEBOOK = re.compile(r"\.(?:ipynb|py)(?![a-z])", re.IGNORECASE)
_KINDS = (
    # The first that fits the whole name, whatever the case.
    (
        r".+\.(?:crdownload|part|partial|download|opdownload|tmp)",
        "{} is a download that has not finished: download the notebook again.",
    ),
    (
        r".+\.(?:html?|mhtml|webarchive|url|webloc|gdoc|lnk|desktop)",
        "{} is a web page or a link, and nobody opens links: download the notebook itself "
        "(in Colab and in Jupyter: File > Download).",
    ),
    (
        r".*\.ipynb.+|[^.]+",
        "{} may be a notebook under another name: give it a name that ends in .ipynb.",
    ),
    (r".*\.py.+", "{} may be a script under another name: give it a name that ends in .py."),
    (
        r".+\.(?:rar|7z|tar|gz|tgz|bz2|xz|zipx|z\d\d)",
        "{} is an archive that is not opened: make a plain .zip.",
    ),
    (
        r".+\.(?:keras|h5|hdf5)",
        "{} is a trained model, which is not graded without the notebook.",
    ),
)
_WAY_OUT = "Please hand in an .ipynb or .py file, or a plain .zip of them."


def may_be_work(name: str) -> bool:
    """Return whether a file of this name may be meant as an answer.

    Every ending counts but those of data, pictures and models, which lie beside an answer.
    """
    if _MENTIONS_A_NOTEBOOK.search(name):
        return True
    return PurePosixPath(name).suffix.lower() not in _COMPANIONS


def stem_of(name: str) -> str:
    """Return a file's name without its ending, or without all endings from `.ipynb` or `.py` on.

    >>> stem_of("car_price.ipynb.json")
    'car_price'
    """
    mentioned = _MENTIONS_A_NOTEBOOK.search(name)
    return name[: mentioned.start()] if mentioned else PurePosixPath(name).stem


def reason_without_notebook(names: Sequence[str], typed: Sequence[str]) -> str:
    """Return why somebody has no grade who handed in no notebook, and what helps.

    `names` are the files that were handed in, `typed` those that the platform wrote: a text that
    was typed into it, or a receipt. Without either there was an empty folder, or a system's litter.
    """
    if not names and not typed:
        return f"There is no notebook here, and no other file that somebody handed in. {_WAY_OUT}"
    found = [f"There is no notebook here, only {listed([*names, *typed])}."]
    said = {sentence for name in names if (sentence := _kind(name))}
    found += sorted(said)[:3]
    if typed:
        found.append("What was typed into the platform, also a link, is not graded.")
    return " ".join([*found, _WAY_OUT])


def _kind(name: str) -> str:
    return next(
        (said.format(told(name)) for kind, said in _KINDS if re.fullmatch(kind, name, re.I | re.S)),
        "",
    )
