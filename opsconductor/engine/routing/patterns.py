"""Patterns of rules: shell wildcards over text, and sets of addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from ipaddress import ip_address, ip_network

WILDCARDS = frozenset("*?[")
OCTETS = re.compile(r"(?P<octets>(?:[0-9]{1,3}\.){1,3})\*(?:\.\*)*")
"""A pattern for whole octets: the same as a network."""
IPV4_OCTETS = 4

Interval = tuple[int, int, int]
"""Version, first and last address of a range."""


def has_wildcards(pattern: str) -> bool:
    """Return True if a pattern is more than one text."""
    return not WILDCARDS.isdisjoint(pattern)


class TextPatterns:
    """Shell patterns that match whole texts, without regard to case; compiled when they are first used."""

    def __init__(self, patterns: Iterable[str]) -> None:
        listed = [pattern.lower() for pattern in patterns]
        self._texts = frozenset(pattern for pattern in listed if not has_wildcards(pattern))
        self._patterns = tuple(pattern for pattern in listed if has_wildcards(pattern))

    def match(self, text: str) -> bool:
        """Return True if a text matches one of them."""
        text = text.lower()
        return text in self._texts or any(matcher_of(each).match(text) for each in self._patterns)


@dataclass(frozen=True, slots=True)
class AddressPatterns:
    """A set of addresses.

    Attributes:
        intervals: Ranges of addresses.
        globs: Patterns over the text of an address.
    """

    intervals: tuple[Interval, ...]
    globs: tuple[str, ...]

    def matches(self, address: str) -> bool:
        """Return True if an address is in the set."""
        lower = address.lower()
        if any(matcher_of(glob).match(lower) for glob in self.globs):
            return True
        found = number_of(address) if self.intervals else None
        return found is not None and any(
            version == found[0] and first <= found[1] <= last for version, first, last in self.intervals
        )


def address_patterns(patterns: Iterable[str]) -> AddressPatterns:
    """Parse patterns on addresses."""
    intervals, globs = [], []
    for pattern in patterns:
        interval = interval_of(pattern)
        if interval is None:
            globs.append(pattern.lower())
        else:
            intervals.append(interval)
    return AddressPatterns(tuple(intervals), tuple(globs))


@lru_cache(maxsize=65_536)
def matcher_of(pattern: str) -> re.Pattern[str]:
    """Compile one pattern in lower case."""
    return re.compile(translate(pattern))


def interval_of(pattern: str) -> Interval | None:
    """Return the range of addresses of a pattern; None: it is a pattern over text."""
    if octets := OCTETS.fullmatch(pattern):
        given = octets["octets"].rstrip(".").split(".")
        pattern = ".".join([*given, *["0"] * (IPV4_OCTETS - len(given))]) + f"/{8 * len(given)}"
    first, dash, last = pattern.partition("-")
    try:
        if dash:
            begin, end = ip_address(first.strip()), ip_address(last.strip())
            return (begin.version, int(begin), int(end)) if begin.version == end.version else None
        network = ip_network(pattern, strict=False)
    except ValueError:
        return None
    return network.version, int(network.network_address), int(network.broadcast_address)


def number_of(address: str) -> tuple[int, int] | None:
    """Return version and number of an address; None: it is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return found.version, int(found)
