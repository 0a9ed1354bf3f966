"""The layers and operations of Keras a model may consist of, with their settings and limits."""
