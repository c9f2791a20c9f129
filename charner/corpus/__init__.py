"""The corpus before encoding: its origins, its file format and its sentences."""

SPLITS = ("train", "valid", "test")
