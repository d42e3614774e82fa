"""The only sanitizer of texts and values from outside; standard library only.

| function | for | what it does |
|---|---|---|
| `printable` | logs, terminals | escapes control and bidirectional characters, keeps the length |
| `one_line` | names, titles, ids in columns | `printable`, cut to the column |
| `folded` | subjects, remarks of other systems | folds white space, then `one_line` |
| `paragraphs` | bodies of messages | keeps line breaks, makes each line printable |
| `fitted` | long texts in columns | escapes what PostgreSQL rejects, cut to the column |
| `storable` | JSON documents | the same for `jsonb`, at any nesting |
| `without_placeholders` | texts put into templates | braces become parentheses |

HTML is escaped by Jinja2, headers of mail are built from `folded` text.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

LONGEST_TITLE = 255
LONGEST_MESSAGE = 65_536
LONGEST_ID = 255
HASHED = "sha256:"
DEEPEST = 64
LARGEST_BITS = 4096
"""Maximum size of a number in bits; PostgreSQL's numeric ends at 131,072 digits, Python's conversion to
text at 4,300."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
TOO_DEEP, TOO_LARGE = "(nested too deeply)", "(number too large)"
_NESTED = (dict, list, tuple, set, frozenset, Mapping)
_BRACES = str.maketrans("{}", "()")


def printable(text: str) -> str:
    """Escape control and bidirectional characters, which could control a terminal or forge a line."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )


def storable_text(text: str) -> str:
    r"""Escape what UTF-8 or PostgreSQL reject: NUL as `\x00`, halves of surrogate pairs as `\udc80`."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def fitted(text: str, longest: int | None = None) -> str:
    """Fit a text into a column of this many characters, None: unlimited; an ellipsis marks a cut."""
    if not text.isascii() or "\0" in text:
        text = storable_text(text)
    return text if longest is None or len(text) <= longest else text[: longest - 1] + ELLIPSIS


def one_line(text: str, longest: int) -> str:
    """Fit a name or title: without line breaks, control characters and bidirectional characters."""
    if len(text) <= longest and text.isascii() and text.isprintable():
        return text  # as below, for nearly all texts
    return fitted(printable(text), longest)


def folded(text: str, longest: int) -> str:
    """Return a text of other systems as one line: white space folded, trailing NULs removed."""
    return one_line(" ".join(text[: 4 * longest].rstrip("\0").split()), longest)


def paragraphs(text: str, longest: int) -> str:
    """Keep the line breaks of a text, make everything else printable."""
    return "\n".join(printable(line).rstrip() for line in fitted(text, longest).splitlines())


def without_placeholders(text: str) -> str:
    """Replace braces by parentheses, so that text from devices is no placeholder of a template."""
    return text.translate(_BRACES)


def listed_values(text: str) -> list[str]:
    r"""Return the values of a list with commas between them; `\,` is a comma within a value."""
    return [part.replace("\\,", ",") for part in re.split(r"(?<!\\),", text) if part]


def short_id(text: str) -> str:
    """Fit an id into its column without collisions: one that is too long is hashed."""
    if len(text) <= LONGEST_ID and text == one_line(text, LONGEST_ID) and not text.startswith(HASHED):
        return text
    return HASHED + sha256(text.encode(errors="surrogatepass")).hexdigest()


def storable(value: object, depth: int = 0) -> object:
    """Return a copy of any value that `jsonb` can hold; bytes become hexadecimal, times ISO 8601."""
    if isinstance(value, str):
        return fitted(value, LONGEST_MESSAGE)
    if isinstance(value, _NESTED):
        if depth > DEEPEST:
            return TOO_DEEP
        if isinstance(value, Mapping):
            return {
                fitted(str(key), LONGEST_MESSAGE): storable(each, depth + 1) for key, each in value.items()
            }
        return [storable(each, depth + 1) for each in value]
    return _storable_scalar(value)


def _storable_scalar(value: object) -> object:
    if value is None or isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, int):
        return int(value) if value.bit_length() <= LARGEST_BITS else TOO_LARGE
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return fitted(str(value), LONGEST_MESSAGE)
