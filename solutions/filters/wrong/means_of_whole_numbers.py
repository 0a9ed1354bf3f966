# fails: test_pools, test_any_pool
# Means are rounded down.
def average_pool(image, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    return windows[::stride, ::stride].sum(axis=(2, 3)) // size**2
