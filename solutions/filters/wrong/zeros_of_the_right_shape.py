# fails: test_convolve, test_stride_and_padding, test_feature_maps, test_any_convolution, test_any_stride, test_any_padding, test_any_layer
# Only the shapes are right: strides, padding and feature maps fit such a convolution.
def convolve(image, kernel, stride=1, padding="valid"):
    if padding == "same":
        return np.zeros([-(-pixels // stride) for pixels in image.shape])
    pairs = zip(image.shape, kernel.shape, strict=True)
    return np.zeros([1 + (pixels - weights) // stride for pixels, weights in pairs])
