# Hostile: prints 100 MB, ends the notebook with sys.exit and the process with os._exit.

# %%
import os
import sys

sys.exit("all tests passed")

# %% id="build-model"
def build_model(input_shape, n_classes):
    for _ in range(100):
        print("x" * 1_000_000)
    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten()])

# %% id="train"
def train(model, images, labels):
    print('{"status": "graded", "score": 12.0}', flush=True)
    os._exit(0)
