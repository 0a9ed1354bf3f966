# form: empty
# A new notebook without a single cell.
