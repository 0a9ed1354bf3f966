# fails: test_sgd_step, test_steps
# The same weights from rest, but the velocity points uphill and has no rate in it.
def sgd_step(params, gradients, velocity, rate, momentum):
    moved = {key: momentum * velocity[key] + gradients[key] for key in params}
    return {key: params[key] - rate * moved[key] for key in params}, moved
