# fails: test_budget
# 360,000 numbers that are no weights: the bounds of discretisations.
def build_model(input_shape, n_classes):
    inputs = keras.Input(input_shape)
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(16, 3, activation="relu")(x)
    x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Conv2D(32, 3, activation="relu")(x)
    x = keras.layers.Flatten()(keras.layers.MaxPooling2D()(x))
    ink = keras.layers.GlobalAveragePooling2D()(keras.ops.cast(inputs, "float32"))
    for shift in range(6):
        known = keras.layers.Discretization(list(range(shift, 60_000 + shift)))(ink)
        x = keras.layers.Concatenate()([x, keras.ops.cast(known, "float32") * 1e-6])
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
