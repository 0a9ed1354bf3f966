# fails: test_blur, test_any_blur
# It keeps the mean, because it changes nothing.
def blur_kernel(size):
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1
    return kernel
