# fails: test_convolve, test_stride_and_padding, test_feature_maps, test_any_convolution, test_any_stride, test_any_padding, test_any_layer
# The answers are computed and printed, and never returned.
def convolve(image, kernel, stride=1, padding="valid"):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    print(np.tensordot(windows[::stride, ::stride], kernel, axes=2))
