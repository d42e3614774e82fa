"""Takes secrets out of what others post: they may lie neither in alerts nor in the archive."""

import re
from collections.abc import Mapping
from functools import lru_cache

HIDDEN = "***"
SECRET_NAME = re.compile(
    r"(^|_)(pass|password|passwd|passphrase|passhash|secret|token|routing_?key|service_?key|api_?key"
    r"|credential|authorization|private_?key|session_?key|community|connection_?string|cookie)"
    r"s?($|_(hash|value)$)"
)
POSSIBLY = re.compile(
    rb"pass|secret|token|(?:routing|service|api|private|session)[_.-]?key|credential|authorization|community"
    rb"|connection[_.-]?string|cookie|:\\?/\\?/[^/\"\s\\]*@",
    re.IGNORECASE,
)
"""Occurs in every document in which `without_secrets` would change something."""
USER_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
EDGES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def without_secrets(document: object, body: bytes) -> object:
    """Blot out values whose names say that they are secrets; the document itself when there is none.

    Args:
        body: The document as bytes, by which most are seen to have none; empty: look in any case.
    """
    if body and POSSIBLY.search(body) is None:
        return document
    return _cleaned(document)


@lru_cache(maxsize=20_000)
def is_secret(name: str) -> bool:
    """Tell by its name whether a value is a secret: `mqttPassword`, `api-key`, `routing_key`."""
    told = EDGES.sub("_", name).lower().replace("-", "_").replace(".", "_")
    return SECRET_NAME.search(told) is not None


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return USER_IN_URL.sub("", value) if "@" in value else value
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: HIDDEN if is_secret(name) and each not in (None, "") else _cleaned(each)
        for name, each in value.items()
    }
