# fails: test_feature_maps, test_any_layer
# Negative answers stay.
def feature_maps(image, kernels):
    return np.stack([convolve(image, kernel) for kernel in kernels], axis=-1)
