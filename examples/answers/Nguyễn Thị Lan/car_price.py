# Right, in an unusual way: her own training loop, learning logarithms, and a dict as History.

# %%
import tensorflow as tf
from keras import layers, ops

# %% id="build-model"
def build_model(x_train):
    inputs = keras.Input((7,))
    norm = layers.Normalization()
    norm.adapt(x_train)
    x = norm(inputs)
    wide = layers.Dense(1)(x)
    deep = layers.Dense(48, activation="gelu")(x)
    deep = layers.Dense(1)(deep)
    return keras.Model(inputs, ops.exp(9.2 + 0.3 * (wide + deep)))

# %% id="train"
def train(model, x_train, y_train):
    optimizer = keras.optimizers.Adam(0.01)
    rows = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(2000, seed=1).batch(64)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.abs(model(x, training=True)[:, 0] - y)) / 1000
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights))
        return loss

    losses = []
    for epoch in range(60):
        optimizer.learning_rate = 0.01 * 0.95**epoch
        losses.append(float(np.mean([step(x, y).numpy() for x, y in rows])))
    return {"loss": losses}
