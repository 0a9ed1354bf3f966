# fails: test_any_convolution, test_any_padding, test_stride_and_padding
# The number of rows is taken for the number of columns, too.
def convolve(image, kernel, stride=1, padding="valid"):
    size = len(kernel)
    if padding == "same":
        zeros = []
        for pixels in image.shape:
            missing = max((-(-pixels // stride) - 1) * stride + size - pixels, 0)
            zeros.append((missing // 2, missing - missing // 2))
        image = np.pad(image, zeros)
    rows, columns = image.shape[0] - size + 1, image.shape[1] - size + 1
    answers = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            answers[i, j] = (image[i : i + size, j : j + size] * kernel).sum()
    return answers[::stride, ::stride]
