"""OCTET STRINGs as readable text, by their textual convention or by what the bytes look like."""

import re
from codecs import utf_8_decode

from opsconductor.mib.decode.date import LENGTHS, date_text
from opsconductor.mib.decode.value import ADDRESS, TEXT
from opsconductor.model.text import printable

LONGEST_TEXT = 4096
MAC_BYTES = 6
LONGEST_ADDRESS = 32
LINE_CHARACTERS = "\t\n\r"

_DATE_CENTURIES = (7, 8)
_LATIN_1 = re.compile(rb"[\t\n\r\x20-\x7e\xc0-\xd6\xd8-\xf6\xf8-\xff]+")
_NO_WORDS = re.compile(rb"[^A-Za-z0-9 ._/:-]+")
_LEAST_WORDS = 0.75
_MOST_ESCAPES = 0.125


def octets_text(content: bytes, convention: str = "") -> str:
    """Return an OCTET STRING as readable text, which may have several lines.

    A known convention decides: text is read as UTF-8, or else as Latin-1; an address is
    written as hex digits with colons. Otherwise, in this order: a plausible DateAndTime as ISO 8601, UTF-8
    text, Latin-1 text, hex digits (with colons for six bytes, most likely a MAC
    address, otherwise with `0x`). NUL bytes that end a C string are removed. More than 4,096 bytes are
    truncated, and the text states the full length.
    """
    if convention == ADDRESS and len(content) <= LONGEST_ADDRESS:
        return content.hex(":")
    if convention == TEXT:
        text = _utf8_text(content)
        return _any_latin1_text(content) if text is None else text
    if len(content) in LENGTHS and content[0] in _DATE_CENTURIES:
        date = date_text(content)
        if date:
            return date
    text = _utf8_text(content)
    if text is not None:
        return text
    text = _latin1_text(content)
    if text is None:
        return content.hex(":") if len(content) == MAC_BYTES else hex_text(content)
    return text


def hex_text(content: bytes) -> str:
    """Return bytes as `0x` and hex digits, truncated like text."""
    return f"0x{content[: LONGEST_TEXT // 2].hex()}{_note(content, LONGEST_TEXT // 2)}"


def _note(content: bytes, limit: int) -> str:
    return f"… ({len(content)} bytes)" if len(content) > limit else ""


def _utf8_text(content: bytes) -> str | None:
    """Return UTF-8 text, or None if it is not, or if over one in eight characters is a control character."""
    bare = content.rstrip(b"\0") if content.endswith(b"\0") else content
    if content and not bare:
        return None
    try:
        text = utf_8_decode(bare[:LONGEST_TEXT], "strict", len(bare) <= LONGEST_TEXT)[0]
    except UnicodeDecodeError:
        return None
    if text.isprintable() and len(bare) <= LONGEST_TEXT:
        return text
    escaped = [char if char.isprintable() or char in LINE_CHARACTERS else printable(char) for char in text]
    strange = sum(len(char) > 1 for char in escaped)
    if strange > len(text) * _MOST_ESCAPES:
        return None
    return "".join(escaped) + _note(bare, LONGEST_TEXT)


def _latin1_text(content: bytes) -> str | None:
    r"""Return Latin-1 text of mostly ASCII words (`B\xfcro 3`), or None if it is not."""
    bare = content.rstrip(b"\0")
    if not _LATIN_1.fullmatch(bare):
        return None
    if len(_NO_WORDS.sub(b"", bare)) < len(bare) * _LEAST_WORDS:
        return None
    return bare[:LONGEST_TEXT].decode("latin-1") + _note(bare, LONGEST_TEXT)


def _any_latin1_text(content: bytes) -> str:
    """Return bytes of a text convention as Latin-1, or as hex digits if most are control characters."""
    bare = content.rstrip(b"\0")
    text = bare[:LONGEST_TEXT].decode("latin-1")
    escaped = [char if char.isprintable() or char in LINE_CHARACTERS else printable(char) for char in text]
    strange = sum(len(char) > 1 for char in escaped)
    if not bare or strange > len(text) * _MOST_ESCAPES:
        return hex_text(content)
    return "".join(escaped) + _note(bare, LONGEST_TEXT)
