"""Writes the grades in an nbgrader course's gradebook as a CSV file."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp
from sqlalchemy.engine import make_url

from autograder.errors import UnknownName
from autograder.nbgrader.export import CsvExport


def run(
    course: Path,
    out: Path,
    checks: bool,
    assignments: tuple[str, ...] = (),
    students: tuple[str, ...] = (),
) -> int:
    """Write the grades in the course's gradebook to `out`; return the exit code.

    Without `assignments` or `students` all of them are written; `checks` adds a column for each
    check. Raises click.UsageError and click.ClickException.
    """
    out = out.resolve()
    if not course.is_dir():
        raise click.UsageError(f"no such folder: {course}")
    # As in nbgrader, where configuration and a relative address of the gradebook mean this folder.
    with contextlib.chdir(course):
        app = _configured()
        _check_gradebook(app)
        options = {"assignment": list(assignments), "student": list(students)}
        chosen = {name: names for name, names in options.items() if names}
        plugin = CsvExport(parent=app, to=str(out), **chosen)
        plugin.checks = plugin.checks or checks
        with Gradebook(app.coursedir.db_url, app.coursedir.course_id) as gradebook:
            try:
                plugin.export(gradebook)
            except UnknownName as error:
                raise click.UsageError(str(error)) from None
    click.echo(out)
    return 0


def _configured() -> ExportApp:
    """Return nbgrader's own command with the course's nbgrader_config.py."""
    app = ExportApp()
    # A configuration read in part may name another gradebook, so an error in it ends the command.
    app.raise_config_file_errors = True
    # As an option, which no nbgrader_config.py of the user's overrules.
    app.initialize(["--log-level=WARN", f"--CourseDirectory.root={Path.cwd()}"])
    return app


def _check_gradebook(app: ExportApp) -> None:
    """Raise click.ClickException where the gradebook is missing: nbgrader would make a new one."""
    url = make_url(app.coursedir.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise click.ClickException(f"no gradebook: {url.database}. Is this nbgrader's folder?")
