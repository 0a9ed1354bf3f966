"""What students handed in: files, their owners, their exercises and their attempts.

`collect` finds a class's submissions with the modules below, in the order of its steps:

- `arguments` says what each path is that the instructor named: a class or one student's own place;
- `scan` finds every `found_file` below a path but `litter`, `archive` those inside a zip archive
  (`entry_names` reads what their names mean);
- `owners` says which student a file belongs to, with the names of `platforms` (Moodle, Canvas and
  others: the place for a new platform's names; `upload_times` are Brightspace's), of
  `flat_folders`, of the folders at the `class_level`, and the student's own `file_names`;
- `student_files` reads what one student handed in: `answers` decides which exercise a file answers,
  `pretrained` finds the trained model, `pictures` the pictures and `helpers` the modules beside it;
- `conflicts` tells people of one name apart whose work lies in several places;
- `attempts` tells which of several files is the latest answer;
- `refusals` makes rows and notes of what is `ungraded`, so that nobody is forgotten, and
  `unnamed_classes` rows that ask the instructor about what may be a class;
- `submission` has what `collect` returns, `listing` words file names for sentences.
"""
