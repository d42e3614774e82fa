"""Masking of possible secrets in undecodable content before it is shown or stored."""

import re

SECRET = re.compile(
    r"""(?ix) ( (?: passw | passphrase | secret | token | credential | api[_-]?key | routing[_-]?key
    | community | authorization | cookie )
    [\w.-]{0,40} ["']? \s{0,9} [:=] \s{0,9} (?: bearer \s | basic \s )? )
    (?: "(?:[^"\\]|\\.)*"? | '(?:[^'\\]|\\.)*'? | [^\s,;&}\]]+ )"""
)
"""A name that denotes a secret, and its value, in JSON, Python, a form or a header."""
RANDOM = re.compile(r"(?=[\w+/=-]{0,200}[0-9])(?=[\w+/=-]{0,200}[A-Za-z])[\w+/=-]{20,}", re.ASCII)
"""A possible key or token without a name: letters and digits, long and without a space."""
LOOKED_AT = 1_024
"""Number of bytes searched for secrets, more than are returned, so that none is cut before recognition."""


def readable_content(content: bytes) -> str:
    """Return content as text; values whose names denote secrets are masked."""
    return SECRET.sub(r"\1***", content.decode(errors="backslashreplace"))


def first_bytes_of(content: bytes, most: int) -> bytes:
    """Return the first bytes of content; possible secrets are masked, by name or by appearance."""
    text = SECRET.sub(r"\1***", content[:LOOKED_AT].decode("latin-1"))
    return RANDOM.sub("***", text).encode("latin-1")[:most]
