"""Writes reports for students and instructors from results alone."""
