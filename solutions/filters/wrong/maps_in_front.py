# fails: test_feature_maps, test_any_layer
# The maps lie along the first axis.
def feature_maps(image, kernels):
    return np.maximum([convolve(image, kernel) for kernel in kernels], 0)
