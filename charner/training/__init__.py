"""Training: the loop, early stopping, batches, class balance and data augmentation."""
