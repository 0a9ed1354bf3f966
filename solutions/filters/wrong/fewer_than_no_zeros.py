# fails: test_any_padding
# A stride larger than the kernel asks for a negative number of zeros.
def convolve(image, kernel, stride=1, padding="valid"):
    if padding == "same":
        zeros = []
        for pixels, weights in zip(image.shape, kernel.shape, strict=True):
            missing = (-(-pixels // stride) - 1) * stride + weights - pixels
            zeros.append((missing // 2, missing - missing // 2))
        image = np.pad(image, zeros)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.tensordot(windows[::stride, ::stride], kernel, axes=2)
