# fails: test_sgd_step, test_steps, test_train, test_trained_params
# The dict is copied, its arrays are not.
def sgd_step(params, gradients, velocity, rate, momentum):
    params, velocity = dict(params), dict(velocity)
    for key in params:
        velocity[key] *= momentum
        velocity[key] -= rate * gradients[key]
        params[key] += velocity[key]
    return params, velocity
