"""Measures of generated images of digits, and the frozen network that judges them."""
