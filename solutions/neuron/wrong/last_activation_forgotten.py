# fails: test_forward, test_any_network
# The last layer is left linear.
def forward(x, layers):
    functions = {"relu": relu, "sigmoid": sigmoid, "tanh": tanh, "softmax": softmax}
    for layer in layers[:-1]:
        x = weighted_sum(x, layer["w"], layer["b"])
        x = functions.get(layer["activation"], lambda z: z)(x)
    return weighted_sum(x, layers[-1]["w"], layers[-1]["b"])
