"""IPython as a notebook knows it, without history, files, threads, or commands that reach out."""

from __future__ import annotations

import ast
import linecache
import re
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.utils.capture import CapturedIO
from IPython.utils.text import SList

from autograder.notebooks import reader
from autograder.worker import scripts, stubs
from autograder.worker.base_shell import BaseShell
from autograder.worker.reused_names import NamedFunctions

_TIMED = frozenset({"time", "timeit", "prun", "memit", "lprun", "mprun"})
_SHELLS = ("!", "bash", "cmd", "powershell", "script", "sh", "shell", "sx", "system")
_LANGUAGES = ("R", "bigquery", "cython", "javascript", "js", "julia", "perl", "ruby", "sql")
_INTERPRETERS = ("pypy", "python", "python2", "python3")  # own processes: nothing stays defined
_DOCUMENTS = ("HTML", "SVG", "html", "latex", "markdown", "svg")
# What these do is seen by the person in front of the notebook, and changes no value.
_FOR_THE_EYE = frozenset(
    "autoreload config load_ext matplotlib pdoc pinfo pinfo2 precision psource reload_ext "
    "tensorboard tensorflow_version unload_ext who whos".split()
)
_FOREIGN = frozenset((*_SHELLS, *_LANGUAGES, *_INTERPRETERS, *_DOCUMENTS))
_CELL_MAGIC = re.compile(r"\A\s*%%(!|[\w.]+)[ \t]*([^\n]*)(?:\n|\Z)")
_OPTIONS = re.compile(r"(?:\s*-{1,2}[a-zA-Z]+\s*\d*)*\s*")


class CellCompiler(CachingCompiler):
    """Names a cell's code `<cell 3>`, which is what a student reads in a traceback."""

    def get_code_name(self, _raw_code: str, transformed_code: str, number: int) -> str:
        """Return a name that no other source has yet."""
        name, part = f"<cell {number}>", 1
        lines = transformed_code.splitlines(keepends=True)
        while name in linecache.cache and linecache.getlines(name) != lines:
            part += 1
            name = f"<cell {number}, part {part}>"
        return name


class NotebookShell(BaseShell):
    """Runs cells one statement after the other and remembers what a failure left unrun.

    `unrun`: the statements of the last cell after its failing statement; `cell_name`: the file
    name under which its source is known; `notes`: commands and magics that were not run;
    `functions`: what the names of the code cells up to `cell`, counted from 0, held.
    """

    def __init__(self, **options: Any) -> None:
        self.unrun: list[ast.stmt] = []
        self.cell_name = "<cell>"
        self.notes: list[str] = []
        self.functions, self.cell = NamedFunctions(), 0
        super().__init__(**{**options, "compiler_class": CellCompiler})
        if self.display_formatter is not None:
            self.display_formatter.active_types = ["text/plain"]

    def showtraceback(self, *_args: Any, **_options: Any) -> None:
        """Print nothing: a cell's report holds its error."""

    def showsyntaxerror(self, *_args: Any, **_options: Any) -> None:
        """Print nothing: a cell's report holds its error."""

    def _format_exception_for_storage(self, *_args: Any, **_options: Any) -> dict[str, Any]:
        return {}  # formatting would call into the student's own exception

    def ask_exit(self) -> None:
        """`exit()` in a notebook ends nothing here."""
        self.note("exit() has no effect")

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> bool:
        """Run statements in order until one fails; True when one did."""
        self.cell_name = cell_name
        for position, node in enumerate(nodelist):
            rest = nodelist[position + 1 :]
            mode = "none" if rest else interactivity
            try:
                failed = await super().run_ast_nodes([node], cell_name, mode, compiler, result)
            finally:
                self.unrun, self.cell_name = rest, cell_name
                self.look()
            if failed:
                return True
        return False

    def look(self) -> None:
        """Remember the functions that a statement has given names to; hide its stand-ins."""
        self.functions.look(self.user_ns, self.cell)
        stubs.hide()

    def run(self, source: str, *, store_history: bool = True) -> BaseException | None:
        """Run one cell to its end; return what it raised, or None."""
        result = self.run_cell(source, store_history)  # type: ignore[no-untyped-call]
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        return error

    def transformed(self, source: str) -> str:
        """Return a cell as plain Python; a line that no transformer understands stays as it is."""
        try:
            return str(self.transform_cell(source))  # type: ignore[no-untyped-call]
        except Exception:
            return source

    def code(self, tree: ast.Module | ast.Expression, mode: str) -> CodeType:
        """Compile statements as part of the current cell, under its `from __future__` lines."""
        compiled: CodeType = self.compile(tree, self.cell_name, mode)  # type: ignore[arg-type]
        return compiled

    def remember(self, text: str) -> None:
        """Give a cell that IPython does not run a name under which its source is known."""
        self.cell_name = self.compile.cache(text, self.execution_count)

    def prepare(self, source: str) -> str:
        """Return the part of a cell that is to run: the body of `%%time`, no line of `%%bash`."""
        magic = _CELL_MAGIC.match(source)
        if magic is None:
            return source
        name, line, body = magic[1], magic[2].strip(), source[magic.end() :]
        if name in _FOREIGN:
            self.note(f"a %%{name} cell is not run while grading")
            return ""
        if name in scripts.WRITING:
            return f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})"
        first = f"# %%{name}"  # keeps the numbers of the lines below
        if name == "timeit":
            first = line[_end_of_options(line) :] or first
        if name == "capture":
            self._give_capture(line)
        return f"{first}\n{self.prepare(body)}"

    def _give_capture(self, line: str) -> None:
        names = [word for word in line.split() if word.isidentifier()]
        self.user_ns.update({name: CapturedIO(None, None, []) for name in names[:1]})

    def note(self, text: str) -> None:
        """Remember a command or magic that was not run; the same text only once."""
        if text not in self.notes:
            self.notes.append(text)

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run a timing magic's statement once, or a script; any other magic does nothing."""
        if magic_name in _TIMED:
            return self._run_statement(line[_end_of_options(line) :], sys._getframe(1))
        if magic_name == "pwd":
            return str(Path.cwd())
        if magic_name == "run":
            self._run_script(str(self.var_expand(line, 1)))  # type: ignore[no-untyped-call]
        elif magic_name not in _FOR_THE_EYE:
            self.note(f"%{magic_name[:40]} is not run while grading")
        return None

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Write the file of `%%writefile`; run the body of other cell magics where it is Python."""
        if magic_name in scripts.WRITING:
            scripts.write(str(self.var_expand(line, 1)), cell)  # type: ignore[no-untyped-call]
            return
        self._run_part(f"%%{magic_name} {line}\n{cell}")

    def magic(self, arg_s: str) -> Any:
        """The old spelling of `run_line_magic`."""
        name, _, line = arg_s.lstrip("%").partition(" ")
        return self.run_line_magic(name, line)

    def _run_script(self, line: str) -> None:
        asked = scripts.Run.of(line)
        path = asked.path
        if path is None:
            self.note(f"%run found no file {asked.file[:100]!r} beside the notebook")
        elif path.suffix == ".ipynb":
            self._run_notebook(path)
        else:
            scripts.run(asked, path, self.user_ns)

    def _run_notebook(self, path: Path) -> None:
        """Run the cells of another notebook up to the first that fails; raises its error."""
        for cell in reader.read(path.read_bytes(), path.suffix).code:
            self._run_part(cell.source)

    def _run_part(self, source: str) -> None:
        error = self.run(self.prepare(source), store_history=False)
        if error is not None:
            raise error

    def _run_statement(self, text: str, frame: FrameType) -> Any:
        tree = ast.parse(self.transformed(text))
        names = (frame.f_globals, frame.f_locals)
        if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
            return eval(self.code(ast.Expression(tree.body[0].value), "eval"), *names)
        exec(self.code(tree, "exec"), *names)
        return None

    def system(self, cmd: str) -> None:
        """`!command` does nothing, successfully."""
        self.note(f"the command '!{str(cmd)[:60]}' is not run while grading")
        self.user_ns["_exit_code"] = 0

    system_raw = system
    system_piped = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:  # noqa: ARG002
        """`x = !command` gives no lines."""
        self.system(cmd)
        return SList() if split else ""


def _end_of_options(line: str) -> int:
    options = _OPTIONS.match(line)
    return options.end() if options else 0
