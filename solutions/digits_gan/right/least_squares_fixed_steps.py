# LSGAN (Mao 2017): squared errors instead of cross-entropy, a fixed number of steps.
import keras
import numpy as np
import tensorflow as tf


def build_generator(latent_dim):
    noise = keras.Input((latent_dim,))
    x = keras.layers.Dense(256, activation="relu")(noise)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dense(512, activation="relu")(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dense(784, activation="sigmoid")(x)
    return keras.Model(noise, keras.layers.Reshape((28, 28, 1))(x))


def build_discriminator(image_shape):
    image = keras.Input(image_shape)
    x = keras.layers.Flatten()(image)
    x = keras.layers.Dense(384, activation="leaky_relu")(x)
    x = keras.layers.Dropout(0.3)(x)
    x = keras.layers.Dense(192, activation="leaky_relu")(x)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(image, keras.layers.Dense(1)(x))


def train(generator, discriminator, images, steps=4000, batch=64):
    pictures = tf.constant(images / 255.0, "float32")
    g_optimizer = keras.optimizers.Adam(4e-4, beta_1=0.5)
    d_optimizer = keras.optimizers.Adam(4e-4, beta_1=0.5)
    size = generator.input_shape[-1]

    @tf.function
    def one_step():
        rows = tf.random.uniform((batch,), 0, len(images), tf.int32)
        real = tf.gather(pictures, rows)
        with tf.GradientTape() as d_tape, tf.GradientTape() as g_tape:
            fake = generator(tf.random.normal((batch, size)), training=True)
            d_real = discriminator(real, training=True)
            d_fake = discriminator(fake, training=True)
            d_loss = tf.reduce_mean((d_real - 1) ** 2) + tf.reduce_mean(d_fake**2)
            g_loss = tf.reduce_mean((d_fake - 1) ** 2)
        d_grad = d_tape.gradient(d_loss, discriminator.trainable_variables)
        g_grad = g_tape.gradient(g_loss, generator.trainable_variables)
        d_optimizer.apply_gradients(zip(d_grad, discriminator.trainable_variables, strict=True))
        g_optimizer.apply_gradients(zip(g_grad, generator.trainable_variables, strict=True))
        return tf.stack([d_loss, g_loss])

    losses = [one_step().numpy() for _ in range(steps)]
    d_loss, g_loss = np.array(losses).T.tolist()
    return {"d_loss": d_loss, "g_loss": g_loss}
