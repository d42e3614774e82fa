"""Texts of checks with values in braces: `{ifName|ifDescr|index}` is the first of them that there is."""

import re
from collections.abc import Mapping

MISSING = "?"
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w|]*)\}")
_LEFT_ALONE = "device_name"
"""Filled in downstream, once the device is identified."""


def fill(text: str, values: Mapping[str, object]) -> str:
    """Write a text with values; numbers in at most four digits."""

    def found(match: re.Match[str]) -> str:
        if match[1] == _LEFT_ALONE:
            return match[0]
        for name in match[1].split("|"):
            value = values.get(name)
            if value not in (None, ""):
                return f"{value:.4g}" if isinstance(value, float) else str(value)
        return MISSING

    return _PLACEHOLDER.sub(found, text)


def names_in(text: str) -> frozenset[str]:
    """List the values that a text wants."""
    return frozenset(name for match in _PLACEHOLDER.findall(text) for name in match.split("|"))
