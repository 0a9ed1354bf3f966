# fails: test_gradient_norms, test_any_gradient_norms
# The answer at the last step is compared with the target of the first one.
def gradient_norms(model, x, y):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        losses = keras.losses.sparse_categorical_crossentropy(y[:, 0], model(x)[:, -1])
        loss = tf.reduce_mean(losses)
    return np.sqrt((tape.gradient(loss, x).numpy() ** 2).sum(axis=(0, 2)))
