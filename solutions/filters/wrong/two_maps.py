# fails: test_any_layer
# As many maps as in the drawing.
def feature_maps(image, kernels):
    return np.maximum(np.dstack([convolve(image, kernels[0]), convolve(image, kernels[-1])]), 0)
