"""Models as plain data: what a model may consist of, how it is described, how it is rebuilt."""
