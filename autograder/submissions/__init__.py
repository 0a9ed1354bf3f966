"""What students handed in: files, their owners, their exercises and their attempts.

`collect` finds a class's submissions with the modules below, in the order of its steps:

- `scan` finds every file below a path, `archive` those inside a zip archive;
- `owners` says which student a file belongs to, with the names of `platforms` (Moodle, Canvas: the
  place for a new platform's names) and the student's own `file_names`;
- `answers` decides which exercise a file answers, `attempts` which of several files is the latest;
- `pretrained` finds the trained model that came with a notebook;
- `submission` has what `collect` returns.
"""
