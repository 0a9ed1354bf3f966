# fails: test_shares
# The network decides: 1 for the most likely kind, 0 for the others.
import keras


def build_model(x_train, n_classes):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    inputs = keras.Input((13,))
    scores = keras.layers.Dense(n_classes)(
        keras.layers.Dense(16, activation="relu")(scaling(inputs))
    )
    decided = keras.ops.one_hot(keras.ops.argmax(scores, axis=-1), n_classes)
    return keras.Model(inputs, decided)


def train(model, x_train, y_train):
    scores = keras.Model(model.inputs, model.layers[-1].output)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    scores.compile(keras.optimizers.Adam(0.01), loss)
    return scores.fit(x_train, y_train, epochs=40, batch_size=16, verbose=0)
