"""Honest: a loss written out by hand, the labels as a column, and full batches."""


def minus_log(y_true, y_pred):
    kinds = keras.ops.one_hot(keras.ops.cast(y_true[:, 0], "int32"), 3)
    return -keras.ops.log(keras.ops.sum(kinds * y_pred, axis=-1) + 1e-7)


def train(model, x_train, y_train):
    model.compile(keras.optimizers.Adam(0.02), loss=minus_log)
    return model.fit(x_train, y_train.reshape(-1, 1), epochs=60, batch_size=len(x_train), verbose=0)
