"""Trained models in NumPy, for tagging; nothing here needs TensorFlow."""
