# fails: test_plain_network
# The plain network is half the size; its weights have names of the student's own.
def build_rnn(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.SimpleRNN(8, return_sequences=True)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
    for weight in model.weights:
        weight._name = {"recurrent_kernel": "kernel", "bias": "recurrent_kernel"}.get(
            weight.name, weight.name
        )
    return model


def build_lstm(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.LSTM(16, return_sequences=True)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
    for weight in model.weights:
        weight._name = "w"
    return model
