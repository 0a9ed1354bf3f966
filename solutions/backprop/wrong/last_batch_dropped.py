# fails: test_trained_params
# The last short batch makes no step.
def train(params, x, y, epochs, batch_size, rate, momentum, seed):
    velocity = {key: np.zeros_like(array) for key, array in params.items()}
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch_size + 1, batch_size):
            rows = order[start : start + batch_size]
            batch = gradients(x[rows], y[rows], params)
            params, velocity = sgd_step(params, batch, velocity, rate, momentum)
        losses.append(float(mean_squared_error(y, predict(x, params))))
    return params, losses
