# fails: test_pools, test_any_pool
# A window begins at every pixel, whatever the stride.
def max_pool(image, size, stride):
    return np.lib.stride_tricks.sliding_window_view(image, (size, size)).max(axis=(2, 3))
