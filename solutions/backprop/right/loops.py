# Every sum is a loop; values come back as plain lists and floats.
import math


def mean_squared_error(y, p):
    total = 0.0
    for own, goal in zip(p.ravel(), y.ravel(), strict=True):
        total += float(own - goal) ** 2
    return total / p.size


def cross_entropy(labels, probabilities):
    total = 0.0
    for row, label in zip(probabilities, labels, strict=True):
        total -= math.log(max(float(row[label]), 1e-12))
    return total / len(labels)


def gradients(x, y, params):
    (n, d), m, h = x.shape, y.shape[1], len(params["b1"])
    w1, b1 = [[0.0] * h for _ in range(d)], [0.0] * h
    w2, b2 = [[0.0] * m for _ in range(h)], [0.0] * m
    for i in range(n):
        z = [
            float(params["b1"][j]) + sum(float(x[i, c] * params["w1"][c, j]) for c in range(d))
            for j in range(h)
        ]
        for k in range(m):
            p = float(params["b2"][k])
            p += sum(max(z[j], 0) * float(params["w2"][j, k]) for j in range(h))
            signal = 2 * (p - float(y[i, k])) / (n * m)
            b2[k] += signal
            for j in range(h):
                w2[j][k] += max(z[j], 0) * signal
                if z[j] > 0:
                    back = signal * float(params["w2"][j, k])
                    b1[j] += back
                    for c in range(d):
                        w1[c][j] += float(x[i, c]) * back
    return {"w1": w1, "b1": b1, "w2": w2, "b2": b2}


def sgd_step(params, gradients, velocity, rate, momentum):
    new, rolled = {}, {}
    for key in ("b2", "b1", "w2", "w1"):
        rolled[key] = momentum * np.array(velocity[key]) - rate * np.array(gradients[key])
        new[key] = params[key] + rolled[key]
    return [new, rolled]
