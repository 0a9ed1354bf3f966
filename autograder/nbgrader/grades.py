"""The preprocessor that saves grades: the grader's points, where it graded the notebook."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades

from autograder.nbgrader.handover import handed_over


class SaveGrades(SaveAutoGrades):
    """Saves a packaged exercise's points; any other notebook's are read as nbgrader reads them.

    First every automatic grade of the notebook is reset: nbgrader visits existing cells only, so
    that the grade of a deleted cell would stay from an earlier submission.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save all grades of one notebook."""
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(
                ids["notebook"], ids["assignment"], ids["student"]
            )
            for grade in submitted.grades:
                grade.auto_score = None
                grade.needs_manual_grade = True
            gradebook.db.commit()
        return super().preprocess(nb, resources)

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        graded = handed_over(resources).graded
        if graded is None:
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(
            cell.metadata["nbgrader"]["grade_id"],
            self.notebook_id,
            self.assignment_id,
            self.student_id,
        )
        grade.auto_score = graded.of(grade.name, float(grade.max_score))
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        self.gradebook.db.commit()
