# fails: test_convolve, test_any_convolution, test_any_padding, test_stride_and_padding
# Rows and columns of the image are exchanged.
def convolve(image, kernel, stride=1, padding="valid"):
    image = image.T
    if padding == "same":
        zeros = []
        for pixels, weights in zip(image.shape, kernel.shape, strict=True):
            missing = max((-(-pixels // stride) - 1) * stride + weights - pixels, 0)
            zeros.append((missing // 2, missing - missing // 2))
        image = np.pad(image, zeros)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.tensordot(windows[::stride, ::stride], kernel, axes=2)
