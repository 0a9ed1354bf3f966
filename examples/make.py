"""Writes an invented class, submissions/ and late_batch.zip, from released notebooks and answers/.

An answer is a script in percent format. Its first lines, up to a blank one, say what it shows. A
cell with an id takes the place of the released cell of that id, a cell without one comes after the
cell before it (at first: after the released cell of imports), and all other cells stay as they
were handed out. `# form: script` hands the answer in as it is, `# form: empty` without cells,
`# form: cut off` broken off half way. A folder whose name ends in .zip becomes an archive; files
of other kinds are handed in as they are.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

from autograder.notebooks.percent import Part, split

HERE = Path(__file__).parent
ANSWERS, CLASS = HERE / "answers", "submissions"
RELEASED = HERE.parent / "exercises"
_DATE = (2026, 3, 2, 8, 30, 0)
_FORM = re.compile(r"^# form: (\w+(?: \w+)*)$", re.MULTILINE)


def files() -> dict[str, bytes]:
    """Return what belongs to the class: paths below examples/ and their bytes."""
    found: dict[str, bytes] = {}
    archives: dict[str, dict[str, bytes]] = {}
    for path in sorted(p for p in ANSWERS.rglob("*") if p.is_file()):
        relative = path.relative_to(ANSWERS)
        name, data = handed_in(path)
        place = (relative.parent / name).as_posix()
        if relative.parts[0].endswith(".zip"):
            member = place.removeprefix(f"{relative.parts[0]}/")
            archives.setdefault(relative.parts[0], {})[member] = data
        else:
            found[f"{CLASS}/{place}"] = data
    return found | {name: _archive(members) for name, members in archives.items()}


def handed_in(path: Path) -> tuple[str, bytes]:
    """Return the file name and the bytes of one answer as its student handed it in."""
    if path.suffix != ".py":
        return path.name, path.read_bytes()
    header, _, body = path.read_text("utf-8").partition("\n\n")
    form = _FORM.search(header)
    if form and form[1] == "script":
        return path.name, body.encode()
    exercise = re.sub(r" \(\d+\)$", "", path.stem)
    notebook = json.loads((RELEASED / exercise / f"{exercise}.ipynb").read_text("utf-8"))
    notebook["cells"] = [] if form and form[1] == "empty" else _answered(notebook["cells"], body)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if form and form[1] == "cut off":
        text = text[: len(text) // 2]
    return f"{path.stem}.ipynb", text.encode()


def _answered(released: list[dict[str, Any]], body: str) -> list[dict[str, Any]]:
    """Return the released cells with the student's in their places."""
    cells = list(released)
    position = 1 + next(n for n, cell in enumerate(cells) if cell["cell_type"] == "code")
    for part in split(body) if body.strip() else []:
        id_ = part.options.get("id")
        if id_ is None:
            cells.insert(position, _cell(part))
        else:
            position = next(n for n, cell in enumerate(cells) if cell["id"] == id_)
            cells[position] = {**cells[position], "source": part.source.splitlines(keepends=True)}
        position += 1
    return cells


def _cell(part: Part) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": hashlib.sha256(part.source.encode()).hexdigest()[:8],
        "metadata": {},
        "outputs": [],
        "source": part.source.splitlines(keepends=True),
    }


def _archive(members: dict[str, bytes]) -> bytes:
    """Return a zip archive that is the same bytes every time: stored, with a fixed date."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # zipfile would write the platform it runs on
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return content.getvalue()


def main() -> None:
    """Write the class anew."""
    shutil.rmtree(HERE / CLASS, ignore_errors=True)
    for name, data in files().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(path.relative_to(HERE.parent))


if __name__ == "__main__":
    main()
