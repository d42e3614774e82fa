"""Patterns of rules, and the sets of rules whose patterns accept a value.

Patterns are shell wildcards over text, and sets of addresses. A set of rules is the bits of a number: a rule
that accepts a value has its bit in the number that is found for the value. The rules that may fire are the
bits that all look-ups have in common, so a look-up costs the same for one rule and for a thousand.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from ipaddress import ip_address, ip_network

from opsconductor.limits import BoundedMap

WILDCARDS = frozenset("*?[")
OCTETS = re.compile(r"(?P<octets>(?:[0-9]{1,3}\.){1,3})\*(?:\.\*)*")
"""A pattern for whole octets: the same as a network."""
IPV4_OCTETS = 4
REMEMBERED = 20_000
"""Texts for which the result of a look-up is cached."""

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
    """Return version and number of an address; None: it is not an address."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return found.version, int(found)


class TextIndex:
    """Rules by patterns on a text, without regard to case; or by words, which match exactly."""

    def __init__(
        self, patterns: Mapping[int, Iterable[str]], unrestricted: int, *, are_words: bool = False
    ) -> None:
        """Build the index.

        Args:
            patterns: By number of the rule; one of its patterns must match.
            unrestricted: The rules that accept every text.
        """
        self.unrestricted = unrestricted
        self._are_words = are_words
        self._exact: dict[str, int] = {}
        self._prefixes: dict[str, dict[str, int]] = {}
        self._others: dict[str, int] = {}
        self._known: BoundedMap[str, int] = BoundedMap(REMEMBERED)
        for number, accepted in patterns.items():
            for pattern in accepted:
                self._add(pattern, 1 << number)
        self._lengths = tuple(sorted({len(prefix) for prefix in self._prefixes}))

    def find(self, text: str) -> int:
        """Return the rules that accept a text."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._look_up(text) | self.unrestricted
        return found

    def _add(self, pattern: str, bit: int) -> None:
        pattern = pattern if self._are_words else pattern.lower()
        if self._are_words or not has_wildcards(pattern):
            self._exact[pattern] = self._exact.get(pattern, 0) | bit
            return
        prefix = pattern[: next(i for i, letter in enumerate(pattern) if letter in "*?[")]
        group = self._prefixes.setdefault(prefix, {}) if prefix else self._others
        group[pattern] = group.get(pattern, 0) | bit

    def _look_up(self, text: str) -> int:
        text = text if self._are_words else text.lower()
        found = self._exact.get(text, 0)
        groups = [self._prefixes.get(text[:length]) for length in self._lengths if length <= len(text)]
        for group in (*groups, self._others):
            for pattern, bits in (group or {}).items():
                if bits | found != found and (pattern == "*" or matcher_of(pattern).match(text)):
                    found |= bits
        return found


class AddressIndex:
    """Rules by the addresses that they accept: the space of addresses cut into ranges with the same rules."""

    def __init__(self, patterns: Mapping[int, Iterable[str]], unrestricted: int) -> None:
        """Build the index; see `TextIndex`."""
        self.unrestricted = unrestricted
        globs: dict[int, tuple[str, ...]] = {}
        limits: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for number, accepted in patterns.items():
            parsed = address_patterns(accepted)
            globs[number] = parsed.globs
            for version, first, last in parsed.intervals:
                limits[version] += [(first, 1 << number), (last + 1, -(1 << number))]
        self._texts = TextIndex(globs, unrestricted)
        self._ranges = {version: _ranges(steps) for version, steps in limits.items()}
        self._known: BoundedMap[str, int] = BoundedMap(REMEMBERED)

    def find(self, address: str) -> int:
        """Return the rules that accept an address."""
        found = self._known.get(address)
        if found is None:
            found = self._known[address] = self._look_up(address)
        return found

    def _look_up(self, address: str) -> int:
        found = self._texts.find(address)
        number = number_of(address)
        if number is not None:
            starts, masks = self._ranges[number[0]]
            at = bisect_right(starts, number[1]) - 1
            if at >= 0:
                found |= masks[at]
        return found


def _ranges(steps: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Return where each range begins, and its rules.

    Ranges of one rule may overlap: it is counted how many of them an address is in.
    """
    counts: dict[int, int] = {}
    starts: list[int] = []
    masks: list[int] = []
    mask = 0
    for at, step in sorted(steps):
        bit = abs(step)
        counts[bit] = counts.get(bit, 0) + (1 if step > 0 else -1)
        mask = mask | bit if counts[bit] > 0 else mask & ~bit
        if starts and starts[-1] == at:
            masks[-1] = mask
        else:
            starts.append(at)
            masks.append(mask)
    return starts, masks


def bits_of(mask: int) -> Iterable[int]:
    """Yield the numbers of the rules in a set, in order."""
    while mask:
        low = mask & -mask
        mask ^= low
        yield low.bit_length() - 1
