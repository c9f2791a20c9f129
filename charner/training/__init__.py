"""Training: the loop, and what it needs around it."""
