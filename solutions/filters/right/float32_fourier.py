# The convolution theorem, rounded to float32; kernels of Scharr and Gauss.
def convolve(image, kernel, stride=1, padding="valid"):
    if padding == "same":
        short = [
            max((-(-n // stride) - 1) * stride + k - n, 0)
            for n, k in zip(image.shape, kernel.shape, strict=True)
        ]
        image = np.pad(image, [(n // 2, n - n // 2) for n in short])
    image, kernel = image.astype("float32"), kernel.astype("float32")
    spectrum = np.fft.rfft2(image) * np.conj(np.fft.rfft2(kernel, image.shape))
    answers = np.fft.irfft2(spectrum.astype("complex64"), image.shape).astype("float32")
    rows, columns = (a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True))
    return answers[:rows:stride, :columns:stride]


def edge_kernel(direction):
    vertical = np.outer([3, 10, 3], [1, 0, -1]).astype("float32") / 32
    return vertical if direction == "vertical" else vertical.T


def blur_kernel(size):
    places = np.arange(size) - (size - 1) / 2
    weights = np.exp(-(places**2) / (2 * (size / 4) ** 2))
    return np.outer(weights, weights).astype("float32") / np.float32(weights.sum() ** 2)
