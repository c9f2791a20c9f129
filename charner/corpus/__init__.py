"""The corpus before encoding: its origins, its file format and its sentences."""

SPLITS = ("train", "valid", "test")
ALL = "all"  # the name of a corpus in one file, which is split by documents
SPACY_START = b"\x78\x9c"  # of a `.spacy` file, which is compressed by zlib
