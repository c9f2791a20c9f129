"""Training: read `loop`, then `batches`, `augmentation` and `state`."""
