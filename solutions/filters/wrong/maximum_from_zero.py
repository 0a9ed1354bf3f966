# fails: test_any_pool
# The search for the largest number starts at 0: a negative number never wins.
def max_pool(image, size, stride):
    rows, columns = 1 + (image.shape[0] - size) // stride, 1 + (image.shape[1] - size) // stride
    largest = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = image[i * stride : i * stride + size, j * stride : j * stride + size]
            largest[i, j] = max(0, window.max())
    return largest
