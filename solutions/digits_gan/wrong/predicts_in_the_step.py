# fails: test_train_moves_generator, test_follows, test_fidelity, test_coverage, test_diversity, test_memorisation, test_background
# The generator draws outside of the tape: no gradient comes back to it.


def train(generator, discriminator, images):
    d_adam, g_adam = keras.optimizers.Adam(5e-4, 0.5), keras.optimizers.Adam(1e-3, 0.5)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    pixels = images.astype("float32") / 255
    for start in range(0, len(pixels), 500):
        real = pixels[start : start + 500]
        drawn = generator.predict(np.random.normal(size=(len(real), 64)), verbose=0)
        with tf.GradientTape(persistent=True) as tape:
            on_real = discriminator(real, training=True)
            on_drawn = discriminator(drawn, training=True)
            d_loss = loss(tf.ones_like(on_real), on_real)
            d_loss += loss(tf.zeros_like(on_drawn), on_drawn)
            g_loss = loss(tf.ones_like(on_drawn), on_drawn)
        weights = discriminator.trainable_variables
        d_adam.apply(tape.gradient(d_loss, weights), weights)
        pairs = zip(
            tape.gradient(g_loss, generator.trainable_variables),
            generator.trainable_variables,
            strict=True,
        )
        pairs = [(gradient, weight) for gradient, weight in pairs if gradient is not None]
        if pairs:
            g_adam.apply_gradients(pairs)
    return {"d_loss": [float(d_loss)], "g_loss": [float(g_loss)]}
