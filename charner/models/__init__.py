"""The architectures in Keras, for training."""
