"""Text and values from the network, brought into what a column of PostgreSQL can hold."""

import math
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from opsconductor.logs import printable

LONGEST_TITLE = 255
LONGEST_MESSAGE = 65_536
LONGEST_ID = 255
HASHED = "sha256:"
DEEPEST = 20


def fitted(text: str, longest: int) -> str:
    r"""Shorten a text to a number of characters and replace what UTF-8 or PostgreSQL refuse.

    NUL and halves of surrogate pairs become `\x00` and `\udc80` in readable form.
    """
    if not text.isascii():
        text = text.encode(errors="backslashreplace").decode()
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    return text if len(text) <= longest else text[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"


def one_line(text: str, longest: int) -> str:
    """Fit a name or title: no line break, no control character, nothing that turns reading direction."""
    return fitted(printable(text), longest)


def short_id(told: str) -> str:
    """Fit an id into its column so that two different ones stay different: what does not fit is hashed."""
    if len(told) <= LONGEST_ID and told == one_line(told, LONGEST_ID) and not told.startswith(HASHED):
        return told
    return HASHED + sha256(told.encode(errors="surrogatepass")).hexdigest()


def storable(value: object, depth: int = 0) -> object:
    """Turn any value into one that `jsonb` holds; what is nested too deeply becomes text."""
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {fitted(str(key), LONGEST_MESSAGE): storable(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < DEEPEST:
        return [storable(each, depth + 1) for each in value]
    return fitted(str(value), LONGEST_MESSAGE)
