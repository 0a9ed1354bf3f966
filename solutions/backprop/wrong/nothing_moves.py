# fails: test_gradients, test_output_layer, test_hidden_layer, test_units_that_are_off, test_sgd_step, test_steps, test_train, test_trained_params, test_losses
# `train` agrees with `gradients` and `sgd_step`, which do nothing.
def gradients(x, y, params):
    return {key: np.zeros_like(array) for key, array in params.items()}


def sgd_step(params, gradients, velocity, rate, momentum):
    return params, velocity


def train(params, x, y, epochs, batch_size, rate, momentum, seed):
    return params, [mean_squared_error(y, predict(x, params))] * epochs
