"""Keeps hidden tests out of the feedback that students get.

nbgrader's feedback is the autograded notebook as HTML: it holds hidden tests as they were run, the
tracebacks that quote them, the texts of their asserts and whatever they print. Therefore a cell
with hidden tests shows a single line in place of its outputs, without anything that the tests could
have printed. Mark schemes of tasks are removed too. Other outputs are withheld only where they
quote a line of the hidden tests, as the traceback of a call into a hidden function does.

A limit: a student's function sees the arguments with which a hidden test calls it, and a later cell
may print them in any form. A hidden test must not pass arguments that students may not see.
"""

from __future__ import annotations

import builtins
import html
from collections.abc import Iterator
from typing import Any

from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from traitlets import Bool
from traitlets.config import Config

_MIN_SECRET = 12  # shorter lines, such as `x = 1`, tell nothing
# A student may name a class of exceptions after what a hidden test has called.
_NAMES = frozenset({"CellTimeoutError", "CellTooLong", "DeadKernelError", "NotRun"}) | {
    name for name, value in vars(builtins).items() if isinstance(value, type)
}


def configure_feedback(c: Config) -> None:
    """Have feedback hide hidden tests, and have all pages show students' HTML without scripts."""
    c.GenerateFeedback.preprocessors = [
        "autograder.nbgrader.feedback.HideTests",
        "nbgrader.preprocessors.GetGrades",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.HTMLExporter.preprocessors = ["autograder.nbgrader.inert.Inert"]
    c.HTMLExporter.filters = {
        "clean_html": "autograder.nbgrader.inert.clean",
        "markdown2html": "autograder.nbgrader.inert.Markdown",
    }
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.skip_svg_encoding = False
    c.HTMLExporter.exclude_anchor_links = True  # they lead to ids, which are cleaned away


class HideTests(Preprocessor):
    """Removes hidden tests and mark schemes from a notebook, and every output that quotes them.

    Their delimiters are configured on nbgrader's ClearHiddenTests and ClearMarkScheme.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Remove hidden tests from one notebook."""
        tests = ClearHiddenTests(config=self._config_of("ClearHiddenTests"))
        scheme = ClearMarkScheme(config=self._config_of("ClearMarkScheme"))
        tests.enforce_metadata = scheme.enforce_metadata = False
        scheme.check_attachment_leakage = False
        hidden: set[str] = set()
        others = []
        for cell in nb.cells:
            whole = cell.source
            if utils.is_locked(cell):  # delimiters that a student wrote mean nothing
                tests.preprocess_cell(cell, resources, 0)
                hidden |= _lines(whole) - _lines(cell.source)
            if cell.source != whole:
                _replace_outputs(cell)
            elif cell.cell_type == "code":
                others.append(cell)
            if utils.is_locked(cell):
                scheme.preprocess_cell(cell, resources, 0)
        public = " ".join(_words(cell.source) for cell in nb.cells)
        secrets = [line for line in hidden if len(line) >= _MIN_SECRET and line not in public]
        for cell in others:
            cell.outputs = [_withheld(output, secrets) for output in cell.outputs]
        return nb, resources

    def _config_of(self, name: str) -> Config:
        """Return that section only: nbgrader's classes refuse settings of the exporter."""
        return Config({name: self.config[name]})


def _replace_outputs(cell: NotebookNode) -> None:
    if cell.cell_type == "code":
        cell.outputs = [_line(_verdict(cell.outputs))]


def _verdict(outputs: list[NotebookNode]) -> str:
    """Say how the tests of a cell ended; nbgrader reads the outputs in the same way."""
    tests = "The tests of this cell, some of them hidden,"
    for output in outputs:
        if output.output_type == "error" or output.get("name") == "stderr":
            errors = [o.ename for o in outputs if o.output_type == "error"]
            return f"{tests} failed: {_public_name(errors[-1]) if errors else 'something warned'}."
        if output.output_type == "execute_result":
            return f"{tests} ran to their end and gave the points."
    return f"{tests} passed."


def _withheld(output: NotebookNode, secrets: list[str]) -> NotebookNode:
    text = _words(strip_ansi("\n".join(_texts(output))))
    if not any(secret in text or secret in html.unescape(text) for secret in secrets):
        return output
    raised = f" {_public_name(output.ename)} was raised." if output.output_type == "error" else ""
    return _line(f"This output is not shown: it quotes hidden tests.{raised}")


def _texts(output: NotebookNode) -> Iterator[str]:
    if output.output_type == "stream":
        yield output.text
    elif output.output_type == "error":
        yield from (output.ename, output.evalue, *output.traceback)
    else:
        yield from (value for value in output.data.values() if isinstance(value, str))


def _public_name(name: str) -> str:
    return name if name in _NAMES else "an exception of its own"


def _lines(source: str) -> set[str]:
    return {_words(line) for line in source.split("\n")}


def _words(text: str) -> str:
    return " ".join(text.split())


def _line(text: str) -> NotebookNode:
    output: NotebookNode = new_output("stream", name="stdout", text=f"{text}\n")
    return output
