"""Redaction of our own secrets in a receiver's answer, which may repeat the request."""

from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from opsconductor.model.masking import longest_first, without

SHORTEST = 6
"""Shorter parts of a URL are words such as `api` and not secrets."""


class Redactor:
    """Replaces secrets in texts, the longest first, so that no part of one remains."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = longest_first(secrets)

    def __call__(self, text: str) -> str:
        """Return a text with the secrets replaced."""
        return without(text, self._secrets)


def words_of(secret: str) -> Iterator[str]:
    """Yield a secret and its long words: `Bearer ...` may come back without its first word."""
    yield secret
    yield from _long(secret.split())


def secrets_of_url(url: str) -> Iterator[str]:
    """Yield the parts of a URL's path and query that may be secrets."""
    path, query = urlsplit(url).path, urlsplit(url).query
    yield from _long([path, query, *path.split("/"), *(value for _, value in parse_qsl(query))])


def _long(pieces: Iterable[str]) -> Iterator[str]:
    for piece in pieces:
        if len(piece) >= SHORTEST:
            yield piece
            yield unquote(piece)
