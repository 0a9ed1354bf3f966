# %% [markdown] id="title"
# # A line

# %% id="imports"
import keras


# %% id="scale"
def scale(values):
    """Return the values divided by the largest."""
    ### BEGIN SOLUTION
    return values / values.max()
    ### END SOLUTION


# %% id="build"
def build_model(x_train):
    """Return a model with one output."""
    ### BEGIN SOLUTION
    norm = keras.layers.Normalization()
    norm.adapt(x_train)
    return keras.Sequential([norm, keras.layers.Dense(1, bias_initializer="ones")])
    ### END SOLUTION


# %% id="try" tags=["demo"]
raise RuntimeError("demonstrations are passed over")
