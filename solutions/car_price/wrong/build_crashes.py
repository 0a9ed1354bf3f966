# fails: test_output_shape, test_nonlinearity, test_budget, test_bends, test_model_error
# build_model has a typing error; train is fine and keeps its points.
def build_model(x_train):
    scaling = keras.layers.Normalisation()
    scaling.adapt(x_train)
    return keras.Sequential([scaling, keras.layers.Dense(64, "relu"), keras.layers.Dense(1)])
