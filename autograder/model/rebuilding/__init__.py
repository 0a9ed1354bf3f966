"""Runs beside the grader: reads a written-down model and builds it from the allow-list."""
