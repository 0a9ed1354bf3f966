# Windows as rows of a matrix, kernels as its columns; running sums for the mean; binomial weights.
import numpy as np


def rows_of_windows(image, shape):
    rows, columns = (a - b + 1 for a, b in zip(image.shape, shape, strict=True))
    tops, lefts = np.indices((rows, columns)).reshape(2, -1, 1)
    down, along = np.indices(shape).reshape(2, 1, -1)
    return image[tops + down, lefts + along], (rows, columns)


def convolve(image, kernel, stride=1, padding="valid"):
    match padding:
        case "same":
            frame = []
            for axis in range(2):
                n, k = image.shape[axis], kernel.shape[axis]
                # The formula of TensorFlow: what is left over of the last stride.
                total = max(k - (n % stride or stride), 0)
                frame.append((total // 2, (total + 1) // 2))
            image = np.pad(image, frame, constant_values=0)
    windows, shape = rows_of_windows(image, kernel.shape)
    return (windows @ kernel.ravel()).reshape(shape)[::stride, ::stride]


def max_pool(image, size, stride):
    windows, shape = rows_of_windows(image, (size, size))
    return np.sort(windows, axis=1)[:, -1].reshape(shape)[::stride, ::stride]


def average_pool(image, size, stride):
    sums = np.pad(image.astype("float64"), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    area = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return (area / size**2)[::stride, ::stride]


def edge_kernel(direction):
    kernel = np.zeros((3, 4))
    kernel[:, 1:3] = 1, -1
    return {"vertical": kernel, "horizontal": kernel.T}[direction]


def blur_kernel(size):
    weights = np.array([1.0])
    while len(weights) < size:
        weights = np.convolve(weights, [0.5, 0.5])
    return weights[:, np.newaxis] * weights


def feature_maps(image, kernels):
    windows, shape = rows_of_windows(image, kernels.shape[1:])
    maps = windows @ kernels.reshape(len(kernels), -1).T
    return maps.clip(min=0).reshape(*shape, -1)
