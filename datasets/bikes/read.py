"""Reads the hourly counts of bikes: the file has the day of the year and the hour of the day."""

import csv

import numpy as np


def read(folder):
    """Return the arrays time (n,), in hours, and bikers (n,), the rentals in each hour."""
    with (folder / "Bikeshare.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    hours = [(int(row["day"]) - 1) * 24 + int(row["hr"]) for row in rows]
    return {
        "time": np.datetime64("2011-01-01", "h") + np.array(hours),
        "bikers": np.array([row["bikers"] for row in rows], dtype="float32"),
    }
