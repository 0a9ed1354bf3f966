# Right, made in Colab: drive, pip, logs, plots, and a search that takes far too long to repeat.

# %%
!pip install -q keras-tuner seaborn
%matplotlib inline
from google.colab import drive
drive.mount("/content/drive")

# %% id="build-model"
def build_model(x_train, units=64):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    inputs = keras.Input((7,))
    x = (inputs - mean) / std
    x = keras.layers.Dense(units)(x)
    x = keras.layers.Activation("relu")(x)
    x = keras.layers.Dense(units // 2, activation="relu")(x)
    x = keras.layers.Dense(1)(x)
    return keras.Model(inputs, 10_000 + 3_000 * x)

# %% id="train"
def train(model, x_train, y_train, epochs=40):
    print("training on", len(x_train), "cars")
    steps = epochs * (len(x_train) // 32)
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_absolute_error")
    stop = keras.callbacks.TerminateOnNaN()
    return model.fit(x_train, y_train, batch_size=32, epochs=epochs, callbacks=[stop], verbose=2)

# %%
# which size is best? (takes about half an hour)
results = {}
for units in range(16, 512, 4):
    candidate = build_model(x_train, units)
    results[units] = train(candidate, x_train, y_train).history["loss"][-1]
    print(units, results[units])

# %%
plt.plot(list(results), list(results.values()))
plt.xlabel("units")
plt.savefig("/content/drive/MyDrive/units.png")
