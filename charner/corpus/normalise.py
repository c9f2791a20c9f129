"""Files of a corpus, made equal where their differences mean nothing."""

from charner.corpus import SPACY_START


def normalise(content: bytes) -> bytes:
    """Returns text with LF line ends, no trailing white space and one final newline.

    spaCy's files are no text and stay as they are.
    """
    if content.startswith(SPACY_START):
        return content
    if b"\n" not in content:  # line ends of old Macs
        content = content.replace(b"\r", b"\n")
    return content.replace(b"\r\n", b"\n").rstrip(b" \t\r\n") + b"\n"
