"""Tagging of inputs that are too large for one process: in parts, each exactly once."""
