# Shifted images are added up, in float32; pooling takes one number of all windows at a time.
def convolve(image, kernel, stride=1, padding="valid"):
    image = np.asarray(image, "float32")
    k, m = kernel.shape
    if padding == "same":
        below = max((-(-image.shape[0] // stride) - 1) * stride + k - image.shape[0], 0)
        right = max((-(-image.shape[1] // stride) - 1) * stride + m - image.shape[1], 0)
        framed = np.zeros((image.shape[0] + below, image.shape[1] + right), "float32")
        framed[below // 2 :, right // 2 :][: image.shape[0], : image.shape[1]] = image
        image = framed
    rows, columns = 1 + (image.shape[0] - k) // stride, 1 + (image.shape[1] - m) // stride
    answers = np.zeros((rows, columns), "float32")
    for i in range(k):
        for j in range(m):
            seen = image[i : i + rows * stride : stride, j : j + columns * stride : stride]
            answers += np.float32(kernel[i, j]) * seen[:rows, :columns]
    return answers


def shifts(image, size, stride):
    rows, columns = ((n - size) // stride * stride + 1 for n in image.shape)
    for i in range(size):
        for j in range(size):
            yield image[i : i + rows : stride, j : j + columns : stride]


def max_pool(image, size, stride):
    largest, *others = shifts(image, size, stride)
    for other in others:
        largest = np.maximum(largest, other)
    return largest


def average_pool(image, size, stride):
    return np.float32(sum(shifts(image, size, stride))) / size**2


def edge_kernel(direction):
    across = np.repeat([[-1], [0], [1]], 5, axis=1)
    return across if direction == "horizontal" else across.T


def blur_kernel(size):
    # A blur in one direction only, as of a camera that moves.
    kernel = np.zeros((size, size))
    kernel[0] = 1 / size
    return kernel
