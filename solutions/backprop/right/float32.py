# Everything is computed in float32, whatever comes in.
def narrow(value):
    return np.asarray(value, "float32")


def mean_squared_error(y, p):
    return np.square(narrow(p) - narrow(y)).mean()


def cross_entropy(labels, probabilities):
    right = np.take_along_axis(narrow(probabilities), labels[:, None].astype("int64"), axis=1)
    return -np.log(np.clip(right, np.float32(1e-12), 1)).mean()


def gradients(x, y, params):
    x, y = narrow(x), narrow(y)
    w1, b1, w2, b2 = (narrow(params[key]) for key in ("w1", "b1", "w2", "b2"))
    a = np.maximum(x @ w1 + b1, 0)
    back = np.float32(2 / y.size) * (a @ w2 + b2 - y)
    through = np.where(a > 0, back @ w2.T, np.float32(0))
    return {"w1": x.T @ through, "b1": through.sum(0), "w2": a.T @ back, "b2": back.sum(0)}


def sgd_step(params, gradients, velocity, rate, momentum):
    rate, momentum = np.float32(rate), np.float32(momentum)
    rolled = {k: momentum * narrow(velocity[k]) - rate * narrow(gradients[k]) for k in params}
    return {k: narrow(params[k]) + rolled[k] for k in params}, rolled
