# fails: test_blur, test_any_blur
# The weights sum to the number of pixels.
def blur_kernel(size):
    return np.ones((size, size))
