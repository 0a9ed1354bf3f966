"""Runs beside the student: writes a live Keras model down as plain data."""
