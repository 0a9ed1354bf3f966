"""Draws the score table of a graded class as docs/grade.svg.

python scripts/draw_score_table.py graded/results.json
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console

from autograder.report import json_file, table

PICTURE = Path(__file__).parent.parent / "docs" / "grade.svg"

console = Console(record=True, width=86, file=io.StringIO())
console.print("[bold]$[/] autograder grade examples/submissions -o graded\n")
console.print(table.scores(json_file.read(Path(sys.argv[1]))))
console.save_svg(str(PICTURE), title="autograder")
