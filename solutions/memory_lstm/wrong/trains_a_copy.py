# fails: test_train_teaches, test_train_remembers
# What is trained is not what the grader gets back.
def train(model, x, y):
    model = keras.models.clone_model(model)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model.fit(x[:200], y[:200], epochs=1, verbose=0)
