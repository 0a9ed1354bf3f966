"""Reading the description of a model, and building the model from the allow-list.

This runs in the evaluator, which never runs a student's code, on descriptions that a student's
worker sent. The student's worker runs it as well, to check its own description before it is sent
and to build the models that a check hands to the student's functions.
"""
