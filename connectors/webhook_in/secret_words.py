"""Redaction of secrets in posts: they must be neither in alerts nor in the archive."""

import re
from collections.abc import Mapping
from functools import lru_cache

from opsconductor.connector.remember import remembered

HIDDEN = "***"
SECRET_NAME = re.compile(
    r"(^|_)(pass|password|passwd|passphrase|passhash|secret|token|routing_?key|service_?key|api_?key"
    r"|credential|authorization|private_?key|session_?key|community|connection_?string|cookie)"
    r"s?($|_(hash|value)$)"
)
USER_IN_URL_BYTES = re.compile(rb":\\?/\\?/[^/\"\s\\]*@")
USER_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
SHORT_BYTES, FEW_NAMES = 4_096, 64
"""Bounds of a document whose names are remembered together: most posts of a sender have the same."""
EDGES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def has_secrets(names: set[str], body: bytes) -> bool:
    """Return True if a document may contain secrets, by its names, or users in URLs, by its bytes."""
    is_short = len(body) <= SHORT_BYTES and len(names) <= FEW_NAMES
    is_named = _is_any_secret(frozenset(names)) if is_short else any(map(is_secret, names))
    return is_named or (b"@" in body and USER_IN_URL_BYTES.search(body) is not None)


def without_secrets(value: object) -> object:
    """Redact values whose names denote secrets, and users in URLs."""
    if isinstance(value, str):
        return USER_IN_URL.sub("", value) if "@" in value else value
    if isinstance(value, list):
        return [without_secrets(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: HIDDEN if is_secret(name) and each not in (None, "") else without_secrets(each)
        for name, each in value.items()
    }


@lru_cache(1_000)
def _is_any_secret(names: frozenset[str]) -> bool:
    return any(map(is_secret, names))


@remembered(20_000)
def is_secret(name: str) -> bool:
    """Return True if a name denotes a secret: `mqttPassword`, `api-key`, `routing_key`."""
    normal = EDGES.sub("_", name).lower().replace("-", "_").replace(".", "_")
    return SECRET_NAME.search(normal) is not None
