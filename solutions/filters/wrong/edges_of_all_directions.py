# fails: test_edges, test_any_edge
# It answers to edges of both directions.
def edge_kernel(direction):
    return np.array([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]])
