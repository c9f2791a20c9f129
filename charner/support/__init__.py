"""What every room needs: errors, Ctrl-C, streams, writing of files, what stages read, counts."""


def counted(number: int, noun: str) -> str:
    """Writes a count with its noun: "1 document", "2,000 documents"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
