# fails: test_edges, test_any_edge
# The weights of a row do not sum to 0: even grey gets an answer.
def edge_kernel(direction):
    vertical = np.array([[-1.0, 2.0], [-1.0, 2.0]])
    return vertical if direction == "vertical" else vertical.T
