"""Masking of secrets: possible ones in undecodable content, and those of the configuration in any text."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, quote_plus

BLOT = "***"
"""What stands for a secret."""
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
    return SECRET.sub(rf"\1{BLOT}", content.decode(errors="backslashreplace"))


def first_bytes_of(content: bytes, most: int) -> bytes:
    """Return the first bytes of content; possible secrets are masked, by name or by appearance."""
    text = SECRET.sub(rf"\1{BLOT}", content[:LOOKED_AT].decode("latin-1"))
    return RANDOM.sub(BLOT, text).encode("latin-1")[:most]


SHORTEST_KNOWN = 8
"""Length of the shortest secret of the configuration that is masked: shorter ones are parts of words."""


def longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return secrets in the order in which they are to be masked, so that no part of one remains."""
    return tuple(sorted({text for text in secrets if text}, key=len, reverse=True))


def without(text: str, secrets: Iterable[str]) -> str:
    """Return a text in which secrets, the longest first, are masked."""
    for secret in secrets:
        text = text.replace(secret, BLOT)
    return text


def hide_all(text: str, secrets: Sequence[str]) -> str:
    """Return a text without these secrets, which it may quote; short ones are masked as words."""
    known = KnownSecrets()
    known.note(secrets)
    text = known.hide(text)
    for secret in longest_first(secrets):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", BLOT, text)
    return text


class KnownSecrets:
    """The secrets of the configuration, which a library or connector may put into the text of its errors."""

    def __init__(self) -> None:
        self._texts: tuple[str, ...] = ()

    def note(self, secrets: Iterable[str]) -> None:
        """Add secrets, which are masked from now on, also after they have been replaced by others."""
        known = [form for each in secrets if len(each) >= SHORTEST_KNOWN for form in _forms_of(each)]
        found = {*self._texts, *known}
        self._texts = longest_first(found)

    def hide(self, text: str) -> str:
        """Return a text without them."""
        return without(text, self._texts)


def _forms_of(secret: str) -> Iterator[str]:
    """Yield a secret as it may stand in a text: also in a URL, quoted, in JSON, and in Basic credentials.

    Base64 of `user:secret` depends on the length of the user's name: a part of it is the same for each third.
    """
    yield secret
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield from (repr(secret)[1:-1], json.dumps(secret)[1:-1], secret.replace('"', "'"))
    for before in range(3):
        coded = b64encode(bytes(before) + secret.encode()).decode().rstrip("=")
        yield coded[(0, 2, 3)[before] : len(coded) - 1]


known_secrets = KnownSecrets()
"""Of this process: its log and everything that shows an error asks it."""
