"""What every room needs: errors for the user, Ctrl-C, writing of files, counts in words."""


def counted(number: int, noun: str) -> str:
    """Writes a count with its noun: "1 document", "2,000 documents"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
