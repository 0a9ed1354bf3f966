"""Grades submissions: one in a process of its own, a batch, or a batch on a cluster."""
