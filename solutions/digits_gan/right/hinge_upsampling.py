# Hinge loss; dense layers and upsampling with convolutions; pixels from -1 to 1 until the end.
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


def build_generator(latent_dim):
    z = keras.Input((latent_dim,))
    x = layers.Dense(14 * 14 * 16, activation="relu")(z)
    x = layers.Reshape((14, 14, 16))(x)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.UpSampling2D()(x)
    x = layers.Conv2D(1, 5, padding="same", activation="tanh")(x)
    return keras.Model(z, (x + 1) / 2)


def build_discriminator(image_shape):
    x = image = keras.Input(image_shape)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 5, strides=2, padding="same")(x)
        x = layers.LeakyReLU(0.2)(x)
        x = layers.Dropout(0.2)(x)
    x = layers.Flatten()(x)
    return keras.Model(image, layers.Dense(1)(x))


def train(generator, discriminator, images):
    images = np.asarray(images, "float32") / 255
    d_adam, g_adam = keras.optimizers.Adam(5e-4, 0.5), keras.optimizers.Adam(5e-4, 0.5)
    dim = generator.input_shape[1]

    @tf.function(jit_compile=False)
    def step(real):
        z = tf.random.normal((tf.shape(real)[0], dim))
        with tf.GradientTape() as d_tape, tf.GradientTape() as g_tape:
            fake = generator(z, training=True)
            on_real = discriminator(real, training=True)
            on_fake = discriminator(fake, training=True)
            d_loss = ops.mean(ops.relu(1 - on_real)) + ops.mean(ops.relu(1 + on_fake))
            g_loss = -ops.mean(on_fake)
        d_vars, g_vars = discriminator.trainable_variables, generator.trainable_variables
        d_adam.apply(d_tape.gradient(d_loss, d_vars), d_vars)
        g_adam.apply(g_tape.gradient(g_loss, g_vars), g_vars)
        return d_loss, g_loss

    history = {"d_loss": [], "g_loss": []}
    for _ in range(16):
        order = np.random.permutation(len(images))
        for rows in np.array_split(order, max(1, len(order) // 32)):
            d_loss, g_loss = step(images[rows])
        history["d_loss"].append(float(d_loss))
        history["g_loss"].append(float(g_loss))
    return history
