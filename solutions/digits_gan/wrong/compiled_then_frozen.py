# fails: test_train_moves_discriminator, test_train_moves_generator, test_follows, test_fidelity, test_coverage, test_diversity, test_memorisation, test_background
# Keras 2 idiom: compile, then trainable = False. Keras 3 never trains the discriminator.


def build_discriminator(image_shape):
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(256),
            keras.layers.LeakyReLU(0.2),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(128),
            keras.layers.LeakyReLU(0.2),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def train(generator, discriminator, images):
    discriminator.compile(keras.optimizers.Adam(5e-4, 0.5), "binary_crossentropy")
    discriminator.trainable = False
    noise = keras.Input((64,))
    gan = keras.Model(noise, discriminator(generator(noise)))
    gan.compile(keras.optimizers.Adam(1e-3, 0.5), "binary_crossentropy")
    pixels = images.astype("float32") / 255
    history = {"d_loss": [], "g_loss": []}
    for _ in range(1):
        for start in range(0, len(pixels), 50):
            real = pixels[start : start + 50]
            z = np.random.normal(size=(len(real), 64)).astype("float32")
            drawn = np.asarray(generator(z))
            d_loss = discriminator.train_on_batch(real, np.ones((len(real), 1)))
            d_loss += discriminator.train_on_batch(drawn, np.zeros((len(real), 1)))
            g_loss = gan.train_on_batch(z, np.ones((len(real), 1)))
        history["d_loss"].append(float(d_loss))
        history["g_loss"].append(float(g_loss))
    return history
