"""Chooses thresholds from measured runs of honest and of weak answers."""
