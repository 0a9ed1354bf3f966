"""The layers and operations of Keras that a model may consist of, with their settings and limits.

Both sides read these tables. The student's worker uses them to tell the student early what cannot
be graded; the evaluator's use of them is what counts. Nothing here imports Keras.
"""
