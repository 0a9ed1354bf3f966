# fails: test_any_weighted_sum
# float16 has three digits.
def weighted_sum(x, w, b):
    return x.astype("float16") @ w.astype("float16") + b.astype("float16")
