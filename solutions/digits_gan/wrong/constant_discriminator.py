# fails: test_train_moves_discriminator, test_train_moves_generator, test_follows, test_fidelity, test_coverage, test_diversity, test_memorisation, test_background
# Weights clipped as for a Wasserstein GAN, but a thousand times too tightly.


def train(generator, discriminator, images):
    latent_dim = generator.input_shape[-1]
    g_adam, d_adam = keras.optimizers.Adam(1e-3, 0.5), keras.optimizers.Adam(5e-4, 0.5)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(real):
        noise = tf.random.normal((tf.shape(real)[0], latent_dim))
        with tf.GradientTape() as judging, tf.GradientTape() as drawing:
            drawn = generator(noise, training=True)
            on_real = discriminator(real, training=True)
            on_drawn = discriminator(drawn, training=True)
            d_loss = loss(0.9 * tf.ones_like(on_real), on_real)
            d_loss += loss(tf.zeros_like(on_drawn), on_drawn)
            g_loss = loss(tf.ones_like(on_drawn), on_drawn)
        weights = discriminator.trainable_variables
        d_adam.apply(judging.gradient(d_loss, weights), weights)
        for weight in weights:
            weight.assign(tf.clip_by_value(weight, -1e-5, 1e-5))
        weights = generator.trainable_variables
        g_adam.apply(drawing.gradient(g_loss, weights), weights)
        return d_loss, g_loss

    pixels = images.astype("float32") / 255
    data = tf.data.Dataset.from_tensor_slices(pixels).shuffle(len(pixels)).batch(50)
    history = {"d_loss": [], "g_loss": []}
    for _ in range(1):
        d_loss, g_loss = np.mean([step(real) for real in data], axis=0)
        history["d_loss"].append(float(d_loss))
        history["g_loss"].append(float(g_loss))
    return history
