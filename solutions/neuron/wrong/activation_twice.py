# fails: test_forward, test_any_network
# Each activation is applied twice; relu alone would not show it.
def forward(x, layers):
    functions = {"relu": relu, "sigmoid": sigmoid, "tanh": tanh, "softmax": softmax}
    for layer in layers:
        function = functions.get(layer["activation"], lambda z: z)
        x = function(function(weighted_sum(x, layer["w"], layer["b"])))
    return x
