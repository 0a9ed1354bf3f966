# fails: test_gradients, test_output_layer, test_hidden_layer, test_units_that_are_off, test_train
# No chain rule: each number is moved a little. At relu's corner this gives half a slope.
def gradients(x, y, params):
    found = {}
    for key in params:
        found[key] = np.zeros_like(params[key])
        for place in np.ndindex(params[key].shape):
            losses = []
            for nudge in (1e-5, -1e-5):
                moved = {name: array.copy() for name, array in params.items()}
                moved[key][place] += nudge
                losses.append(mean_squared_error(y, predict(x, moved)))
            found[key][place] = (losses[0] - losses[1]) / 2e-5
    return found
