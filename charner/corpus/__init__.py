"""The corpus before encoding: where it comes from, its formats, and how text is split."""

SPLITS = ("train", "valid", "test")
ALL = "all"  # the name of a corpus in one file, which is split by documents
SPACY_START = b"\x78\x9c"  # of a `.spacy` file, which is compressed by zlib
PARQUET_START = b"PAR1"
BRAT_TEXT, BRAT_ANNOTATIONS = ".txt", ".ann"  # suffixes of brat's files
