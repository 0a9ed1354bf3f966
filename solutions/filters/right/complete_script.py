# A file of functions only, with a class and imports of its own.
import numpy


class Window:
    """A window that slides over an image."""

    def __init__(self, height, width, stride):
        self.height, self.width, self.stride = height, width, stride

    def places(self, image):
        for top in range(0, image.shape[0] - self.height + 1, self.stride):
            yield [
                image[top : top + self.height, left : left + self.width]
                for left in range(0, image.shape[1] - self.width + 1, self.stride)
            ]

    def over(self, image, function):
        return numpy.array([[function(part) for part in row] for row in self.places(image)])


def convolve(image, kernel, stride=1, padding="valid"):
    if padding == "same":
        for axis in (0, 1):
            pixels, weights = image.shape[axis], kernel.shape[axis]
            lacking = (numpy.ceil(pixels / stride) - 1) * stride + weights - pixels
            lacking = max(int(lacking), 0)
            shape = list(image.shape)
            for side, count in (("before", lacking // 2), ("after", lacking - lacking // 2)):
                shape[axis] = count
                zeros = numpy.zeros(shape, image.dtype)
                image = numpy.concatenate(
                    [zeros, image] if side == "before" else [image, zeros], axis
                )
    return Window(*kernel.shape, stride).over(image, lambda part: numpy.vdot(part, kernel))


def max_pool(image, size, stride):
    return Window(size, size, stride).over(image, numpy.max)


def average_pool(image, size, stride):
    return Window(size, size, stride).over(image, numpy.mean)


def edge_kernel(direction):
    return numpy.array([[1, 0, -1]] if direction == "vertical" else [[1], [0], [-1]])


def blur_kernel(size):
    return numpy.full((size, size), size**-2.0)


def feature_maps(image, kernels):
    stacked = numpy.dstack([convolve(image, kernel) for kernel in kernels])
    stacked[stacked < 0] = 0
    return stacked
