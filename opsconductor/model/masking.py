"""Masks what may be a secret in content that nobody could read: shown to people, never kept otherwise."""

import re

SECRET = re.compile(
    r"""(?ix) ( (?: passw | passphrase | secret | token | credential | api[_-]?key | routing[_-]?key
    | community | authorization | cookie )
    [\w.-]{0,40} ["']? \s{0,9} [:=] \s{0,9} (?: bearer \s | basic \s )? )
    (?: "(?:[^"\\]|\\.)*"? | '(?:[^'\\]|\\.)*'? | [^\s,;&}\]]+ )"""
)
"""A name that says that its value is a secret, and that value, in JSON, Python, a form or a header."""
RANDOM = re.compile(r"(?=[\w+/=-]{0,200}[0-9])(?=[\w+/=-]{0,200}[A-Za-z])[\w+/=-]{20,}", re.ASCII)
"""What may be a key or token without a name: letters and digits, long and without a space."""
LOOKED_AT = 1_024
"""Bytes in which a secret may begin that reaches into the first ones."""


def readable_content(content: bytes) -> str:
    """Return content as text; values whose names say that they are secrets are masked."""
    return SECRET.sub(r"\1***", content.decode(errors="backslashreplace"))


def first_bytes_of(content: bytes, most: int) -> bytes:
    """Return the first bytes of content; what may be a secret is masked, by its name or its look."""
    text = SECRET.sub(r"\1***", content[:LOOKED_AT].decode("latin-1"))
    return RANDOM.sub("***", text).encode("latin-1")[:most]
