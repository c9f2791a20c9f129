"""Errors in the files that the char_encode stage writes."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from charner.support.errors import InputError


@contextlib.contextmanager
def encoded_file_errors(path: Path) -> Iterator[None]:
    """The block reads the file; its errors become one for the user.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        yield
    except FileNotFoundError:
        raise _error(path, "is missing") from None
    except OSError as error:
        raise _error(path, error.strerror or "is damaged") from None  # pyarrow gives no reason
    except (ValueError, TypeError, LookupError, NotImplementedError):  # pyarrow's errors, too
        raise _error(path, "is damaged, or from another version of this project") from None


def _error(path: Path, problem: str) -> InputError:
    return InputError(f"{path}: {problem}; `dvc repro char_encode` makes it")
