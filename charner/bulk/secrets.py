"""URLs may hold passwords and signatures, which are neither written nor printed."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

# `user:password@` after `scheme://`, but for names in archives and containers of Azure. A
# password may hold a slash; the port of a host is none.
_USER = re.compile(
    r"(?<=://)(?<!zip://)(?<!tar://)(?<!file://)(?<!abfs://)(?<!abfss://)(?:[^\s/]*@|[^\s/:]*:(?!\d+/)[^\s@]*@)"
)
# What follows the path in a URL of the web: a signature, for example.
_QUERY = re.compile(r"(https?://[^\s?#'\"]*)([?#][^\s'\"]*)")
SHORTEST = 4  # characters of a secret that is looked for outside of URLs


def without_secrets(text: str) -> str:
    """A URL, or a message with URLs, without users, passwords and queries.

    In a chain of URLs (`zip://a.jsonl::https://...`), none of them has any.
    """
    return "::".join(_QUERY.sub(r"\1", _USER.sub("", link)) for link in text.split("::"))


def hidden(message: str, *urls: str) -> str:
    """A message of a library without the secrets of these URLs, and those of URLs in it."""
    secrets = [secret for url in urls for secret in _secrets(url)]
    for secret in sorted({*secrets, *map(unquote, secrets)}, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            message = message.replace(secret, "***")
    return without_secrets(message)


def _secrets(url: str) -> Iterator[str]:
    for link in url.split("::"):
        for user in _USER.findall(link):
            yield from (user, user[:-1].rpartition(":")[2])
        for _, query in _QUERY.findall(link):
            yield query
            for setting in re.split("[?#&;]", query):
                yield setting.partition("=")[2]
