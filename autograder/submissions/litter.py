"""Tells the files that a system, a tool or the course itself left beside a student's work."""

from __future__ import annotations

import re

__all__ = ["is_litter"]

_FOLDERS = frozenset(
    {"__pycache__", "__macosx", "site-packages", "node_modules", "system volume information"}
)
_SYSTEM = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin"})
_GIVEN = frozenset({"visible.py", "conftest.py", "hidden.py"})
"""What `autograder start` gives to the student, and the checks of an author who is at work."""
_LOCKS = re.compile(r"~\$.+|\.~lock\..+#")  # what an office program keeps while a file is open
_NAMELESS = frozenset({".ipynb", ".py"})
"""Files that a student has saved without a name; all other names with a dot first are hidden."""


def is_litter(parts: tuple[str, ...]) -> bool:
    """Return whether nobody handed in the file or folder at this path.

    >>> is_litter(("__MACOSX", "ada", "._car_price.ipynb"))
    True
    """
    if not parts:
        return False
    name = parts[-1]
    if any(part.casefold() in _FOLDERS or part.startswith(".") for part in parts[:-1]):
        return True
    if name.startswith(".") and name.lower() not in _NAMELESS:
        return True
    small = name.casefold()
    return small in _FOLDERS or small in _SYSTEM or name in _GIVEN or bool(_LOCKS.fullmatch(name))
