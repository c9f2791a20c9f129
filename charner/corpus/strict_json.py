"""JSON as the standard defines it (RFC 8259): what Python reads beyond that is refused."""

import json
import math
from collections import Counter
from typing import Any


def json_value(text: str, location: str) -> Any:
    """Parses JSON, of the file and line that `location` names in messages.

    Raises:
        ValueError: it is not JSON; the message says where and why.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        message = f"{location}: not valid JSON: {error.msg} at character {error.pos + 1}"
        raise ValueError(message) from None
    except (RecursionError, ValueError) as error:  # nested too deeply, or too many digits
        raise ValueError(f"{location}: JSON that cannot be read: {error}") from None


def json_object(text: str, location: str) -> dict[str, Any]:
    """Parses a JSON object; see `json_value`.

    Raises:
        ValueError: it is not a JSON object; the message says where and why.
    """
    record = json_value(text, location)
    if not isinstance(record, dict):
        raise ValueError(f"{location}: not a JSON object")
    return record


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuses a key that is there twice, of which Python would take the last."""
    record = dict(pairs)
    if len(record) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice!r} is there twice")
    return record


def _refuse_constant(name: str) -> None:
    """Refuses NaN and Infinity, which Python reads and writes but JSON does not allow."""
    raise ValueError(f"{name} is not valid JSON")


def _finite(number: str) -> float:
    """Refuses numbers such as 1e999, which Python would write as Infinity."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"the number {number} is too large")
    return value
