"""Refuses a release that its own files do not describe.

python scripts/check_release.py v0.1.0

The tag is the package's version, CHANGELOG.md has an entry for it, and no fragment waits in
changelog.d/.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path


def problems(root: Path, tag: str) -> Iterator[str]:
    """Yield a sentence for everything that keeps `tag` from being released."""
    source = (root / "autograder" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', source, re.M)
    version = found[1] if found else "none"
    if tag != f"v{version}":
        yield f"the tag is {tag}, and the package's version is {version}"
    if f"\n## {version} (" not in (root / "CHANGELOG.md").read_text("utf-8"):
        yield f"CHANGELOG.md has no entry for {version}: run towncrier build"
    for path in sorted((root / "changelog.d").glob("*.md")):
        yield f"changelog.d/{path.name} is in no entry of CHANGELOG.md: run towncrier build"


if __name__ == "__main__":
    told = list(problems(Path(__file__).parent.parent, sys.argv[1]))
    for line in told:
        print(line, file=sys.stderr)
    sys.exit(1 if told else 0)
