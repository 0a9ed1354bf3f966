# fails: test_convolve, test_stride_and_padding, test_feature_maps, test_any_convolution, test_any_stride, test_any_padding, test_any_layer
# np.convolve turns its kernel, so the kernel is turned before; but in place, and it stays turned.
def convolve(image, kernel, stride=1, padding="valid"):
    zeros = [(0, 0), (0, 0)]
    if padding == "same":
        zeros = []
        for pixels, weights in zip(image.shape, kernel.shape, strict=True):
            missing = max((-(-pixels // stride) - 1) * stride + weights - pixels, 0)
            zeros.append((missing // 2, missing - missing // 2))
    kernel[:] = kernel[::-1, ::-1]
    image = np.pad(image, zeros)
    rows = len(image) - len(kernel) + 1
    answers = [
        sum(
            np.convolve(image[i + len(kernel) - 1 - r], kernel[r], "valid")
            for r in range(len(kernel))
        )
        for i in range(rows)
    ]
    return np.array(answers)[::stride, ::stride]
