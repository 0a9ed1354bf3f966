# fails: test_train_moves_generator, test_train_moves_discriminator, test_follows, test_fidelity, test_coverage, test_diversity, test_memorisation, test_background
# train does nothing and reports a beautiful history.


def train(generator, discriminator, images):
    return {"d_loss": [1.4, 1.3, 1.38], "g_loss": [0.9, 0.8, 0.7]}
