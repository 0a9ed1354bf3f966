# Plain Python: loops, the math module, lists.
import math


def weighted_sum(x, w, b):
    rows = []
    for row in x:
        sums = []
        for neuron in range(len(b)):
            z = float(b[neuron])
            for number, value in enumerate(row):
                z += float(value) * float(w[number][neuron])
            sums.append(z)
        rows.append(sums)
    return rows


def each(function, z):
    """Return the function's value for each number, in the shape of z."""
    z = np.asarray(z)
    return np.array([function(float(value)) for value in z.ravel()]).reshape(z.shape)


def logistic(value):
    if value < 0:
        return math.exp(value) / (1 + math.exp(value))
    return 1 / (1 + math.exp(-value))


def relu(z):
    return each(lambda value: max(value, 0.0), z)


def sigmoid(z):
    return each(logistic, z)


def tanh(z):
    return each(math.tanh, z)


def softmax(z):
    z = np.asarray(z)
    if z.ndim > 1:
        return [softmax(part) for part in z]
    largest = max(z.tolist())
    grown = [math.exp(value - largest) for value in z.tolist()]
    return [value / sum(grown) for value in grown]


def slope(name, z):
    slopes = {
        "relu": lambda value: 1 if value > 0 else 0,
        "sigmoid": lambda value: logistic(value) * (1 - logistic(value)),
        "tanh": lambda value: 1 - math.tanh(value) ** 2,
    }
    return each(slopes[name], z)
