# fails: test_heads, test_split_heads, test_multi_head
# A reshape alone mixes positions.
def split_heads(x, heads):
    b, n, d = x.shape
    return x.reshape(b, heads, n, d // heads)
