"""Runs the visible checks where a student works: on a file, or in a notebook's own kernel."""
