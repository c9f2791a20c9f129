"""Scores that rule a tag out."""

IMPOSSIBLE = -1e4  # finite, so that differences and gradients stay numbers
