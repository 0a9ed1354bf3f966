"""How a Keras model crosses the boundary between a student's worker and the evaluator.

The student's worker describes the live model as plain data (`describing`). The evaluator reads this
description and builds the model anew (`rebuilding`). Both know the same layers and operations of
Keras (`allowlist`). `facts` is what checks learn of a rebuilt model's structure; `keras_internals`
holds all private names of Keras and TensorFlow.
"""
