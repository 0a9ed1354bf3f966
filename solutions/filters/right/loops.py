# Plain loops over pixels, lists of lists, kernels of one row.
import math


def zeros_before_and_after(pixels, weights, stride):
    answers = math.ceil(pixels / stride)
    zeros = max((answers - 1) * stride + weights - pixels, 0)
    return zeros // 2, zeros - zeros // 2


def convolve(image, kernel, stride=1, padding="valid"):
    rows, columns = [list(range(length)) for length in image.shape]
    if padding == "same":
        before, after = zeros_before_and_after(len(rows), len(kernel), stride)
        rows = [None] * before + rows + [None] * after
        before, after = zeros_before_and_after(len(columns), len(kernel[0]), stride)
        columns = [None] * before + columns + [None] * after
    answers = []
    for top in range(0, len(rows) - len(kernel) + 1, stride):
        line = []
        for left in range(0, len(columns) - len(kernel[0]) + 1, stride):
            total = 0.0
            for i in range(len(kernel)):
                for j in range(len(kernel[0])):
                    row, column = rows[top + i], columns[left + j]
                    if row is not None and column is not None:
                        total += float(kernel[i][j]) * float(image[row][column])
            line.append(total)
        answers.append(line)
    return answers


def windows(image, size, stride):
    for top in range(0, len(image) - size + 1, stride):
        yield [
            [float(value) for row in image[top : top + size] for value in row[left : left + size]]
            for left in range(0, len(image[0]) - size + 1, stride)
        ]


def max_pool(image, size, stride):
    return [[max(window) for window in line] for line in windows(image, size, stride)]


def average_pool(image, size, stride):
    return [[sum(window) / len(window) for window in line] for line in windows(image, size, stride)]


def edge_kernel(direction):
    return [[1, -1]] if direction == "vertical" else [[1], [-1]]


def blur_kernel(size):
    return [[1 / size / size] * size] * size


def feature_maps(image, kernels):
    answers = [convolve(image, kernel) for kernel in kernels]
    return [
        [[max(0, value) for value in place] for place in zip(*rows, strict=True)]
        for rows in zip(*answers, strict=True)
    ]
