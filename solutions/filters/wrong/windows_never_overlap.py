# fails: test_pools, test_any_pool
# Windows lie side by side, whatever the stride.
def average_pool(image, size, stride):
    rows, columns = image.shape[0] // size, image.shape[1] // size
    cut = image[: rows * size, : columns * size]
    return cut.reshape(rows, size, columns, size).mean(axis=(1, 3))
