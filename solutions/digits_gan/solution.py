# %% [markdown] id="title"
# # Drawing handwritten digits
#
# You write three functions: `build_generator` makes a network that turns random numbers into an
# image, `build_discriminator` makes one that looks at an image and says whether it is real, and
# `train` lets the two compete: the discriminator learns to tell real digits from drawn ones, the
# generator learns to draw digits that the discriminator takes for real.
#
# What you learn: how two networks train each other although nobody says what a good image is, why
# each of them must stand still while the other one learns, and what can go wrong: a generator that
# draws the same digit all the time, or one that only repeats what it has seen.

# %% id="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown] id="data"
# ## The data
#
# `digits.npz` lies beside this notebook: 4,000 scans of handwritten digits (from MNIST).
#
# | array | shape | values |
# | --- | --- | --- |
# | `images` | `(n, 28, 28, 1)` | `uint8`, 0 (paper) to 255 (ink), as they come |
# | `labels` | `(n,)` | the digits 0 to 9; not needed here |
#
# Other images of the same kind were held back for grading.

# %% id="load-data"
with np.load("digits.npz") as archive:
    images = archive["images"]
print("images", images.shape, images.dtype)


def show(pictures: np.ndarray) -> None:
    figure, axes = plt.subplots(2, 10, figsize=(10, 2.2))
    for axis, picture in zip(axes.flat, pictures, strict=False):
        axis.imshow(picture[:, :, 0], cmap="gray_r", vmin=0, vmax=1)
        axis.axis("off")
    plt.show()


show(images[:20] / 255)

# %% [markdown] id="build-generator-statement"
# ## 1. The generator
#
# `build_generator(latent_dim)` returns a Keras model, not yet trained. It is called with `64`:
#
# - **input** `(None, 64)`: random numbers from the standard normal distribution. The grader draws
#   its own.
# - **output** `(None, 28, 28, 1)`: images with pixels **from 0 (paper) to 1 (ink)**. A sigmoid at
#   the end sees to that. If you prefer tanh, put a `keras.layers.Rescaling(0.5, 0.5)` behind it.
# - **a nonlinear activation** between the layers with weights.
# - **at most 1,000,000 parameters**.
#
# Dense layers with a `Reshape` at the end do well, and so do transposed convolutions or upsampling.
# Batch normalisation helps a generator a lot.
#
# Use `Sequential` or the functional API with Keras's built-in layers and `keras.ops`. The grader
# rebuilds your models from the calls they consist of. Should it meet something it cannot read,
# `autograder check` tells you so before you hand in.


# %% id="build-generator"
def build_generator(latent_dim: int) -> keras.Model:
    """Return an untrained generator.

    latent_dim: how many random numbers make one image. The model takes (batch, latent_dim) and
    returns (batch, 28, 28, 1) pixels from 0 to 1.
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape=(latent_dim,)),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Dense(28 * 28, activation="sigmoid"),
            keras.layers.Reshape((28, 28, 1)),
        ]
    )
    ### END SOLUTION


# %% [markdown] id="build-generator-demo-text"
# Try it: before training this is grey noise, but each image should be another one.

# %% id="build-generator-demo" tags=["demo"]
generator = build_generator(64)
generator.summary()
show(generator.predict(np.random.normal(size=(20, 64)), verbose=0))

# %% [markdown] id="build-discriminator-statement"
# ## 2. The discriminator
#
# `build_discriminator(image_shape)` returns a Keras model, not yet trained. It is called with
# `(28, 28, 1)`:
#
# - **input** `(None, 28, 28, 1)`: images with pixels from 0 to 1, like those of the generator.
# - **output** `(None, 1)`: one number for each image that says how real it looks, as a probability
#   (with a sigmoid at the end) or as a score (without). Your own `train` is who reads it.
# - **a nonlinear activation** between the layers with weights, and **at most 1,000,000
#   parameters**.
#
# Dense layers behind a `Flatten` will do, or convolutions with strides. `LeakyReLU` lets more
# gradient through to the generator than relu does, and `Dropout` keeps the discriminator from
# learning the training images by heart.


# %% id="build-discriminator"
def build_discriminator(image_shape: tuple[int, int, int]) -> keras.Model:
    """Return an untrained discriminator.

    image_shape: height, width, channels of one image. The model takes (batch, *image_shape) pixels
    from 0 to 1 and returns (batch, 1): a probability or a score.
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape=image_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(256),
            keras.layers.LeakyReLU(negative_slope=0.2),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(128),
            keras.layers.LeakyReLU(negative_slope=0.2),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1),
        ]
    )
    ### END SOLUTION


# %% [markdown] id="train-statement"
# ## 3. The training
#
# `train(generator, discriminator, images)` teaches **the two models it is given**, by turns, and
# returns a history: a dict with a list of losses for each network, or a Keras `History`.
#
# - `images` are `uint8` from 0 to 255, as they come: bring them to the range of the generator.
# - It changes both models in place. What you do to copies is lost.
# - It learns from **its arguments**. A grader also calls it with a thousand images with ink and
#   paper swapped, and expects the generator to follow.
# - The discriminator's step uses real images and drawn ones, and moves the discriminator's weights
#   only. The generator's step asks the discriminator about drawn images and moves the generator's
#   weights only, in the direction in which the discriminator would rather call them real.
# - The generator must not see the images itself: it learns from the discriminator's verdict.
# - About 4,000 steps with batches of 50 take twenty seconds when the step is a `tf.function`.
#   Count in epochs rather than in steps, so that fewer images take less time.
#
# `keras.optimizers.Adam` with `beta_1=0.5` and a learning rate around 0.0005 is a good start. **If
# you compile models**: Keras 3 looks at `trainable` when a model is first trained on a batch, not
# when it is compiled. Setting `discriminator.trainable = False` once, as tutorials for Keras 2 do,
# leaves the discriminator untrained.
#
# The history is shown to you and your instructor, but nobody believes it: the grader looks at the
# images.


# %% id="train"
def train(
    generator: keras.Model, discriminator: keras.Model, images: np.ndarray
) -> dict[str, list[float]]:
    """Train both networks in place and return the losses of each epoch.

    generator, discriminator: from the functions above. images: (n, 28, 28, 1) uint8.
    """
    ### BEGIN SOLUTION
    latent_dim, batch_size, epochs = generator.input_shape[-1], 50, 50
    generator_adam = keras.optimizers.Adam(1e-3, beta_1=0.5)
    discriminator_adam = keras.optimizers.Adam(5e-4, beta_1=0.5)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)  # it gives scores

    @tf.function
    def step(real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        noise = tf.random.normal((tf.shape(real)[0], latent_dim))
        with tf.GradientTape() as judging, tf.GradientTape() as drawing:
            drawn = generator(noise, training=True)
            on_real = discriminator(real, training=True)
            on_drawn = discriminator(drawn, training=True)
            # Real images count 0.9, not 1: a discriminator too sure of itself teaches nothing.
            told_apart = loss(0.9 * tf.ones_like(on_real), on_real) + loss(
                tf.zeros_like(on_drawn), on_drawn
            )
            taken_for_real = loss(tf.ones_like(on_drawn), on_drawn)
        weights = discriminator.trainable_variables
        discriminator_adam.apply(judging.gradient(told_apart, weights), weights)
        weights = generator.trainable_variables
        generator_adam.apply(drawing.gradient(taken_for_real, weights), weights)
        return told_apart, taken_for_real

    pixels = images.astype("float32") / 255
    batches = tf.data.Dataset.from_tensor_slices(pixels).shuffle(len(pixels))
    history: dict[str, list[float]] = {"discriminator_loss": [], "generator_loss": []}
    for _ in range(epochs):
        losses = [step(real) for real in batches.batch(batch_size)]
        told_apart, taken_for_real = np.mean(losses, axis=0)
        history["discriminator_loss"].append(float(told_apart))
        history["generator_loss"].append(float(taken_for_real))
    return history
    ### END SOLUTION


# %% [markdown] id="train-demo-text"
# Try it. The losses of a GAN do not fall: each network makes it harder for the other. Look at the
# images.

# %% id="train-demo" tags=["demo"]
generator, discriminator = build_generator(64), build_discriminator((28, 28, 1))
history = train(generator, discriminator, images)
for name, losses in getattr(history, "history", history).items():
    plt.plot(losses, label=name)
plt.xlabel("epoch")
plt.legend()
plt.show()
show(generator.predict(np.random.normal(size=(20, 64)), verbose=0))

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | generator: input `(None, 64)`, output `(None, 28, 28, 1)` | yes |
# | 1 | discriminator: input `(None, 28, 28, 1)`, output `(None, 1)` | yes |
# | 1 | pixels from 0 to 1, and other images for other random numbers | yes |
# | 1 | both have a nonlinear activation between the layers with weights | yes |
# | 1 | both have at most 1,000,000 parameters | yes |
# | 1 | `train` moves the generator's weights, and it learns from the images given | yes |
# | 1 | `train` moves the discriminator's weights, and it does not say the same to every image | yes |
# | 1 | `train` follows the images: ink and paper swapped | yes |
# | 3 | **fidelity** | |
# | 2 | **all ten digits** | |
# | 1 | **diversity** | |
# | 3 | **no copies** | |
# | 1 | **clean paper** | |
#
# **18 points.** The last five look at 2,000 images that your generator draws after your `train` has
# seen all training images. A small network that knows digits, the judge, helps to measure them:
#
# - *Fidelity*: seen through the judge's features, how far is the cloud of your images from the
#   cloud of real ones (Fréchet distance, 0 for real images)?
# - *All ten digits*: what share has the digit that the judge finds least often?
# - *Diversity*: what share of real images has one of yours nearby (recall)?
# - *No copies*: are your images nearer to training images than digits are that were never seen?
# - *Clean paper*: how much ink is there where real digits have none?
#
# They count only if `train` moves the generator and follows the images it is given. Each function
# is judged by itself: where one of your networks cannot be used, `train` is tried with the
# instructor's. A call may take half a minute, or fifteen times what the instructor's solution
# needs, whichever is more.
#
# Classic mistakes: images left at 0 to 255, or brought to -1 to 1 for a generator that ends in a
# sigmoid; the generator trained with the label "drawn" instead of "real"; a discriminator that is
# never trained; `generator.predict` inside the generator's step, through which no gradient flows;
# training a clone; a single epoch.
