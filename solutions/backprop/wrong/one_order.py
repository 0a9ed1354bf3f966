# fails: test_trained_params
# One order for all epochs.
def train(params, x, y, epochs, batch_size, rate, momentum, seed):
    velocity = {key: np.zeros_like(array) for key, array in params.items()}
    order = np.random.default_rng(seed).permutation(len(x))
    losses = []
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            batch = gradients(x[rows], y[rows], params)
            params, velocity = sgd_step(params, batch, velocity, rate, momentum)
        losses.append(float(mean_squared_error(y, predict(x, params))))
    return params, losses
