"""Trained models in NumPy: tagging, probabilities, calibration. TensorFlow is not needed."""
