"""Redaction of secrets in posts: they must be neither in alerts nor in the archive."""

import re
from collections.abc import Iterable, Mapping

from opsconductor.connector.remember import remembered

HIDDEN = "***"
SECRET_NAME = re.compile(
    r"(^|_)(pass|password|passwd|passphrase|passhash|secret|token|routing_?key|service_?key|api_?key"
    r"|credential|authorization|private_?key|session_?key|community|connection_?string|cookie)"
    r"s?($|_(hash|value)$)"
)
USER_IN_URL_BYTES = re.compile(rb":\\?/\\?/[^/\"\s\\]*@")
USER_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
EDGES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def has_secrets(names: Iterable[str], body: bytes) -> bool:
    """Return True if a document may contain secrets, by its names, or users in URLs, by its bytes."""
    return any(map(is_secret, names)) or (b"@" in body and USER_IN_URL_BYTES.search(body) is not None)


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


@remembered(20_000)
def is_secret(name: str) -> bool:
    """Return True if a name denotes a secret: `mqttPassword`, `api-key`, `routing_key`."""
    normal = EDGES.sub("_", name).lower().replace("-", "_").replace(".", "_")
    return SECRET_NAME.search(normal) is not None
