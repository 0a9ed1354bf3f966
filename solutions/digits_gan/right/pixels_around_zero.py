# Both networks work with pixels from -1 to 1 inside; Rescaling layers translate at their ends.
import keras
import tensorflow as tf
from keras import layers


def build_generator(latent_dim):
    return keras.Sequential(
        [
            keras.Input((latent_dim,)),
            layers.Dense(256),
            layers.LeakyReLU(0.2),
            layers.BatchNormalization(momentum=0.9),
            layers.Dense(256),
            layers.LeakyReLU(0.2),
            layers.BatchNormalization(momentum=0.9),
            layers.Dense(784, activation="tanh"),
            layers.Reshape((28, 28, 1)),
            layers.Rescaling(0.5, offset=0.5),
        ]
    )


def build_discriminator(image_shape):
    return keras.Sequential(
        [
            keras.Input(image_shape),
            layers.Rescaling(2.0, offset=-1.0),
            layers.Flatten(),
            layers.Dense(256),
            layers.LeakyReLU(0.2),
            layers.Dropout(0.3),
            layers.Dense(128),
            layers.LeakyReLU(0.2),
            layers.Dropout(0.3),
            layers.Dense(1),
        ]
    )


def train(generator, discriminator, images):
    latent_dim = generator.input_shape[-1]
    g_adam, d_adam = keras.optimizers.Adam(1e-3, 0.5), keras.optimizers.Adam(5e-4, 0.5)

    @tf.function
    def d_step(real):
        drawn = generator(tf.random.normal((tf.shape(real)[0], latent_dim)), training=True)
        with tf.GradientTape() as tape:
            on_real = discriminator(real, training=True)
            on_drawn = discriminator(drawn, training=True)
            loss = tf.reduce_mean(tf.nn.softplus(-on_real)) + tf.reduce_mean(
                tf.nn.softplus(on_drawn)
            )
        weights = discriminator.trainable_weights
        d_adam.apply(tape.gradient(loss, weights), weights)
        return loss

    @tf.function
    def g_step(n):
        with tf.GradientTape() as tape:
            drawn = generator(tf.random.normal((n, latent_dim)), training=True)
            loss = tf.reduce_mean(tf.nn.softplus(-discriminator(drawn, training=True)))
        weights = generator.trainable_weights
        g_adam.apply(tape.gradient(loss, weights), weights)
        return loss

    data = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images)).batch(50)
    data = data.map(lambda x: tf.cast(x, tf.float32) / 255)
    history = {"d": [], "g": []}
    for _ in range(45):
        for real in data:
            d, g = d_step(real), g_step(tf.constant(50))
        history["d"].append(float(d))
        history["g"].append(float(g))
    return history
