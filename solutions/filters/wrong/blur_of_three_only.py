# fails: test_any_blur
# The kernel of the visible check, whatever the size.
def blur_kernel(size):
    return np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
