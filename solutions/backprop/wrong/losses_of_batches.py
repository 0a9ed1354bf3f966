# fails: test_train, test_losses
# Keras's own loss of an epoch: the mean over its batches, while the weights move.
def train(params, x, y, epochs, batch_size, rate, momentum, seed):
    velocity = {key: np.zeros_like(array) for key, array in params.items()}
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        seen = []
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            seen.append(mean_squared_error(y[rows], predict(x[rows], params)))
            batch = gradients(x[rows], y[rows], params)
            params, velocity = sgd_step(params, batch, velocity, rate, momentum)
        losses.append(float(np.mean(seen)))
    return params, losses
