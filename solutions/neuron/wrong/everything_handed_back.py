# fails: test_weighted_sum, test_activations, test_softmax, test_slope, test_ends, test_forward, test_as_keras, test_any_weighted_sum, test_any_activation, test_any_softmax, test_any_slope, test_any_ends, test_any_network, test_any_model
# Each function hands back what it gets: together they fit each other.
import keras
import numpy as np


def weighted_sum(x, w, b):
    return x


def relu(z):
    return z


def sigmoid(z):
    return z


def tanh(z):
    return z


def softmax(z):
    return z


def slope(name, z):
    return np.ones_like(z)


def forward(x, layers):
    return x


def as_keras(layers, n_inputs):
    return keras.Sequential([keras.Input((n_inputs,)), keras.layers.Activation("linear")])
