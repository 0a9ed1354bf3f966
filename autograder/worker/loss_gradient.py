"""The gradient of a rebuilt model's loss with respect to its inputs, as checks ask for it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

__all__ = ["loss_gradient"]

Array = np.ndarray[Any, Any]


def loss_gradient(model: keras.Model, x: Array, labels: Array) -> Array:
    """Return the gradient, shaped as `x`, of the mean cross-entropy with respect to `x`.

    `x` (n, ...) are floats for the model's only input, `labels` (n,) integers. The model returns
    probabilities, (n, classes) or (n, steps, classes); of several steps the last one counts. The
    loss is the mean over the n rows of Keras's sparse categorical cross-entropy, in inference mode.
    Where the loss does not depend on `x` the gradient is 0. Raises what Keras and TensorFlow raise
    for a model of another form.
    """
    watched = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(watched)
        probabilities = model(watched, training=False)
        last = probabilities if len(probabilities.shape) == 2 else probabilities[:, -1]
        rows = keras.losses.sparse_categorical_crossentropy(labels, last)
        loss = tf.reduce_mean(rows)
    gradient = tape.gradient(loss, watched, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return np.asarray(tf.convert_to_tensor(gradient))
