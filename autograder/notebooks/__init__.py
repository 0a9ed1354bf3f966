"""Notebooks as plain text: cells of .ipynb and .py files, and outputs that workers send."""
