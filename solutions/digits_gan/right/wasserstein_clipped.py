# Wasserstein GAN (Arjovsky 2017): a critic with clipped weights instead of a discriminator.
import keras
import numpy as np
import tensorflow as tf


def build_generator(latent_dim):
    return keras.Sequential(
        [
            keras.layers.Input((latent_dim,)),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(784, activation="sigmoid"),
            keras.layers.Reshape((28, 28, 1)),
        ]
    )


def build_discriminator(image_shape):
    return keras.Sequential(
        [
            keras.layers.Input(image_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(256, activation="leaky_relu"),
            keras.layers.Dense(256, activation="leaky_relu"),
            keras.layers.Dense(1),
        ]
    )


def train(generator, discriminator, images):
    real_images = images.astype(np.float32) / 255
    latent_dim = generator.input_shape[-1]
    d_opt, g_opt = keras.optimizers.RMSprop(5e-4), keras.optimizers.RMSprop(1e-3)

    @tf.function
    def critic_step(real):
        fake = generator(tf.random.normal((tf.shape(real)[0], latent_dim)), training=True)
        with tf.GradientTape() as tape:
            gap = tf.reduce_mean(discriminator(fake, training=True)) - tf.reduce_mean(
                discriminator(real, training=True)
            )
        weights = discriminator.trainable_weights
        d_opt.apply(tape.gradient(gap, weights), weights)
        for weight in weights:
            weight.assign(tf.clip_by_value(weight, -0.05, 0.05))
        return gap

    @tf.function
    def generator_step(n):
        with tf.GradientTape() as tape:
            fake = generator(tf.random.normal((n, latent_dim)), training=True)
            loss = -tf.reduce_mean(discriminator(fake, training=True))
        weights = generator.trainable_weights
        g_opt.apply(tape.gradient(loss, weights), weights)
        return loss

    history = {"gap": [], "g_loss": []}
    n = tf.constant(64)
    for _ in range(80):
        data = tf.data.Dataset.from_tensor_slices(real_images).shuffle(4000).batch(64)
        for real in data:
            gap = critic_step(real)
            loss = generator_step(n)
        history["gap"].append(float(gap))
        history["g_loss"].append(float(loss))
    return history
