"""Runs the check files of an exercise with pytest and turns the outcomes into results."""
