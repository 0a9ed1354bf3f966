# A functional model, and a scale that is a list comprehension.
import keras
import numpy as np


def scale(values):
    return np.array([value / max(values) for value in values])


def build_model(x_train):
    inputs = keras.Input((7,))
    scaled = (inputs - x_train.mean(axis=0)) / x_train.std(axis=0)
    return keras.Model(inputs, keras.layers.Dense(1)(scaled))
