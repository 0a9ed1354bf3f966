"""Trains the judge of digits and writes the judge's .npz; see docs/figures/judge.md.

python scripts/train_judge.py           # says how often a judge is right on held-out images,
                                        # then trains on all of them and writes the file
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

ROOT = Path(__file__).parent.parent
LAYERS = ("conv1", "conv2", "features", "digits")
EPOCHS, BATCH, SEED = 15, 64, 20260722
SHIFT = 2  # pixels, either way: a generated digit need not sit exactly where a scanned one does
FOLDS = 5


def untrained() -> keras.Model:
    """Return the network: two convolutions, 48 features, ten probabilities."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(16, 3, activation="relu", name="conv1"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu", name="conv2"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(48, activation="relu", name="features"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(10, activation="softmax", name="digits"),
        ]
    )


def shifted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return each image moved by up to SHIFT pixels; what is moved in is paper."""
    wide = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (28, 28), axis=(1, 2))
    rows, columns = rng.integers(0, 2 * SHIFT + 1, (2, len(images)))
    return windows[np.arange(len(images)), rows, columns].transpose(0, 2, 3, 1)


def trained(images: np.ndarray, labels: np.ndarray) -> keras.Model:
    """Return a judge trained on images (n, 28, 28, 1) in [0, 1] and labels (n,)."""
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    model = untrained()
    steps = EPOCHS * -(-len(images) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    for _ in range(EPOCHS):
        model.fit(shifted(images, rng), labels, batch_size=BATCH, verbose=0)
    return model


def right(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images that `model` takes for the digit they are."""
    return float(np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels))


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    """Return kernels and biases in half precision, by name: what the file holds."""
    pairs = [(name, *model.get_layer(name).get_weights()) for name in LAYERS]
    kernels = {f"{name}_kernel": kernel.astype("<f2") for name, kernel, _ in pairs}
    return kernels | {f"{name}_bias": bias.astype("<f2") for name, _, bias in pairs}


def main() -> None:
    with np.load(ROOT / "datasets" / "digits" / "mnist_10k.npz") as archive:
        images, labels = archive["x"][..., np.newaxis] / np.float32(255), archive["y"]
    order = np.random.default_rng(SEED).permutation(len(images))
    shares = []
    for held in np.array_split(order, FOLDS):
        rest = np.setdiff1d(order, held)
        shares.append(right(trained(images[rest], labels[rest]), images[held], labels[held]))
    listed = ", ".join(f"{share:.4f}" for share in shares)
    print(f"right on images kept aside, {FOLDS} folds: {listed}; mean {np.mean(shares):.4f}")
    model = trained(images, labels)
    print(f"right on the images it was trained on: {right(model, images, labels):.4f}")
    target = ROOT / "autograder" / "digits" / "judges" / "handwriting.npz"
    np.savez(target, **weights_of(model))
    print(f"wrote {target.relative_to(ROOT)}, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
