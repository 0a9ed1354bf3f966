"""Describing a live Keras model as plain data.

This runs in the student's worker, in one process with the student's code, which can change all of
it: a description is a claim, and `autograder.model.rebuilding` checks every part of it.
"""
