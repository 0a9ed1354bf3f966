# fails: test_lstm, test_lstm_remembers
# Both networks are plain: the LSTM is none.
def build_lstm(n_symbols, length):
    return build_rnn(n_symbols, length)
