# fails: test_mean_squared_error, test_mean_squared_error_of_any_size, test_train
# The mean over rows of the sum over outputs.
def mean_squared_error(y, p):
    return ((p - y) ** 2).sum(axis=1).mean()
