# fails: test_positions, test_positions_of_any_size
# All sines, then all cosines.
def positions(n, width):
    angles = np.arange(n)[:, None] / 10000.0 ** (np.arange(0, width, 2) / width)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
