# fails: test_edges, test_any_edge
# The kernel for vertical edges answers to horizontal ones.
def edge_kernel(direction):
    vertical = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    return vertical.T if direction == "vertical" else vertical
