"""Redaction of our own secrets in a receiver's answer, which may repeat the request."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote

from connectors.webhook.config import WebhookConfig

BLOT = "***"
SHORTEST = 6
"""Shorter parts of the URL are words such as `api` and not secrets."""


def secrets_of(config: WebhookConfig) -> tuple[str, ...]:
    """Return the secrets, longest first, so that no part of one remains."""
    return tuple(sorted({text for text in _secrets(config) if text}, key=len, reverse=True))


def blotted(text: str, secrets: tuple[str, ...]) -> str:
    """Return a text with the secrets replaced."""
    for secret in secrets:
        text = text.replace(secret, BLOT)
    return text


def _secrets(config: WebhookConfig) -> Iterator[str]:
    if config.secret is not None:
        yield config.secret.get_secret_value()
    for value in config.headers.values():
        whole = value.get_secret_value()
        yield whole
        yield from _long(whole.split())  # `Bearer ...` may come back without its first word
    path, query = config.url.path or "", config.url.query or ""
    yield from _long([path, query, *path.split("/"), *(value for _, value in parse_qsl(query))])


def _long(pieces: list[str]) -> Iterator[str]:
    for piece in pieces:
        if len(piece) >= SHORTEST:
            yield piece
            yield unquote(piece)
