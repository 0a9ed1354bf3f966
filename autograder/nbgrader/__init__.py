"""The plug-in for nbgrader: its preprocessors, exporters and filters, and the packaged exercises.

A course's nbgrader_config.py imports `config`; nbgrader's command line names `export`.

- `assignment` and `config_block` write a course's assignments (`autograder package`);
- `authored` and `restore` put the course's cells back into a submitted notebook;
- `execute` runs a notebook in the sandbox of `execution`: by `cells` where the tests are its own
  cells (with its `files`), by `packaged` where it answers a packaged exercise; `grades` saves the
  points. `handover` is what these hand to each other, `exporter` keeps the sandbox for a command;
- `parallel` does all of this for many submissions at once (`autograder autograde`);
- `feedback` and `inert` keep hidden tests and students' scripts out of what people read.
"""
