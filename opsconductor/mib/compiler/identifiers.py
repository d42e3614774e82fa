"""Conversion of names that SMI does not allow to names that the parser accepts, and back.

Vendors use underscores, dots, slashes, trailing hyphens, types in lower case and labels that begin with
digits.
"""

import re

_LEGAL = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9])*")
_LOWER, _UPPER = "qz0", "Qz0"
_PREFIX_LENGTH = 3
_CODED = re.compile(r"(?:qz0|Qz0)((?:[0-9a-f]{2})+)")
_UNDERSCORED = re.compile(r"(?<![\w-])[A-Za-z0-9][\w-]*(?:_[\w-]*|-(?![\w-]))")
_RESERVED = frozenset({
    "ABSENT", "ANY", "BIT", "BOOLEAN", "BY", "COMPONENT", "COMPONENTS", "DEFAULT", "DEFINED", "ENUMERATED",
    "EXPLICIT", "EXTERNAL", "FALSE", "MAX", "MIN", "NULL", "OPTIONAL", "PRESENT", "PRIVATE", "REAL", "SET",
    "TAGS", "TRUE", "WITH", "INTEGER", "BITS", "OCTET", "STRING", "OBJECT", "IDENTIFIER", "STATUS",
    "ACCESS", "INDEX",
})  # fmt: skip


def coded(name: str, *, is_type: bool = False) -> str:
    """Return a name that the parser accepts: the name itself if it is valid."""
    if _LEGAL.fullmatch(name) and name not in _RESERVED and (name[0].isupper() or not is_type):
        return name
    return (_UPPER if is_type else _LOWER) + name.encode().hex()


def decoded(name: str) -> str:
    """Return a name as the module has it."""
    if found := _CODED.fullmatch(name):
        return bytes.fromhex(found[1]).decode(errors="replace")
    return name


def without_underscores(text: str) -> str:
    """Replace names with underscores or a trailing hyphen by names that the parser accepts."""
    return _UNDERSCORED.sub(lambda found: coded(found[0], is_type=found[0][0].isupper()), text)
