"""A course on disk: its exercises, its data sets, and the key that holds rows out."""
