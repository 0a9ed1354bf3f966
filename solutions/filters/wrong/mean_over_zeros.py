# fails: test_pools, test_any_pool
# Zeros are added until the last windows are full, and count in their mean.
def average_pool(image, size, stride):
    rows, columns = -(-image.shape[0] // stride), -(-image.shape[1] // stride)
    padded = np.zeros(((rows - 1) * stride + size, (columns - 1) * stride + size))
    padded[: image.shape[0], : image.shape[1]] = image[: padded.shape[0], : padded.shape[1]]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    return windows[::stride, ::stride].mean(axis=(2, 3))
