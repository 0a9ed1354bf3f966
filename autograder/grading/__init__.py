"""Grades submissions: a single submission, a batch on this machine, or a batch on a cluster."""
