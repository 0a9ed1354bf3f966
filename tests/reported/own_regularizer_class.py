import keras
from keras import layers, ops


class SoftSparsity(keras.regularizers.Regularizer):
    def __init__(self, strength):
        self.strength = strength

    def __call__(self, w):
        return self.strength * ops.sum(ops.log1p(ops.square(w)))


def build_model(x_train):
    norm = layers.Normalization()
    norm.adapt(x_train)
    net = keras.Sequential([keras.Input((7,)), norm])
    for n in (64, 32):
        net.add(layers.Dense(n, kernel_regularizer=SoftSparsity(1e-3), kernel_constraint=keras.constraints.MaxNorm(8)))
        net.add(layers.LeakyReLU(negative_slope=0.05))
    net.add(layers.Dense(1, activation="softplus"))
    net.add(layers.Rescaling(10_000.0))
    return net


def train(model, x_train, y_train):
    model.compile(keras.optimizers.Nadam(0.006), loss="mae")
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.4, patience=4, min_lr=1e-4)
    return model.fit(x_train, y_train, epochs=40, batch_size=32, verbose=0, callbacks=[plateau])
