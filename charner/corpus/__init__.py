"""The corpus as it is given: files of sentences, and where they come from."""

SPLITS = ("train", "valid", "test")
