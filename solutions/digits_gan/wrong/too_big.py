# fails: test_budget, test_train_moves_generator, test_train_moves_discriminator, test_follows, test_fidelity, test_coverage, test_diversity, test_memorisation, test_background
# A generator of two wide layers: 1.9 million parameters; train is not written yet.


def build_generator(latent_dim):
    return keras.Sequential(
        [
            keras.Input((latent_dim,)),
            keras.layers.Dense(1024, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Dense(1024, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Dense(784, activation="sigmoid"),
            keras.layers.Reshape((28, 28, 1)),
        ]
    )


def train(generator, discriminator, images):
    raise NotImplementedError("YOUR CODE HERE")
