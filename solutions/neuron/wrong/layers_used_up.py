# fails: test_forward, test_any_network
# The caller's list is empty afterwards.
def forward(x, layers):
    functions = {"relu": relu, "sigmoid": sigmoid, "tanh": tanh, "softmax": softmax}
    while layers:
        layer = layers.pop(0)
        x = weighted_sum(x, layer["w"], layer["b"])
        x = functions.get(layer["activation"], lambda z: z)(x)
    return x
