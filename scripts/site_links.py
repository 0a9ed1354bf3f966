"""A hook of MkDocs: links that are right in the repository are right on the site too.

Pages under docs/ link to files beside docs/, such as a calibration's picture. The site shows the
files named in `OUTSIDE` at an address of its own. A link to any other file of the repository
becomes plain text: the site has no copy of it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
OUTSIDE = {
    "exercises/README.md": "course/exercises.md",
    "datasets/README.md": "course/datasets.md",
    "examples/README.md": "course/example-class.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "index.md",
    **{
        path.relative_to(ROOT).as_posix(): f"course/datasets/{path.parent.name}.md"
        for path in sorted(ROOT.glob("datasets/*/README.md"))
    },
    **{
        path.relative_to(ROOT).as_posix(): f"figures/calibration/{path.parent.name}.svg"
        for path in sorted(ROOT.glob("solutions/*/calibration.svg"))
    },
}
"""The address on the site of each file that does not lie under docs/."""
_LINK = re.compile(
    r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#]*)(?P<anchor>#[^)\s]*)?\)"
)
_FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files that do not lie under docs/."""
    for source, address in OUTSIDE.items():
        if files.get_file_from_path(address) is None:
            files.append(File.generated(config, address, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the links of one page; code blocks stay as they are."""
    del config, files
    parts = _FENCE.split(markdown)
    return "".join(
        part if part.startswith("```") else rewritten(part, page.file.src_uri) for part in parts
    )


def rewritten(markdown: str, address: str) -> str:
    """Return Markdown with its links as they must be on the site's page at `address`."""
    source = next((path for path, at in OUTSIDE.items() if at == address), f"docs/{address}")

    def link(match: re.Match[str]) -> str:
        target, anchor = match["target"], match["anchor"] or ""
        if not target or "://" in target:
            return match[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        inside = file.removeprefix("docs/") if file.startswith("docs/") else None
        there = OUTSIDE.get(file, inside)
        if there is None:
            if not (ROOT / file).exists():
                raise FileNotFoundError(f"{source} links to {target}, which is not there")
            return match["text"]
        relative = posixpath.relpath(there, posixpath.dirname(address) or ".")
        return f"{match['image']}[{match['text']}]({relative}{anchor})"

    return _LINK.sub(link, markdown)
