"""Sets of rules as bits of a number, by the values that rules accept.

A rule that accepts a value has its bit in the number that is found for the value. The rules that may fire
are the bits that all look-ups have in common, so a look-up costs the same for one rule and for a thousand.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from opsconductor.engine.routing.patterns import address_patterns, has_wildcards, matcher_of, number_of
from opsconductor.limits import BoundedMap

REMEMBERED = 20_000
"""Texts for which the result of a look-up is cached."""


class TextIndex:
    """Rules by patterns on a text, without regard to case; or by words, which match exactly."""

    def __init__(
        self, patterns: Mapping[int, Iterable[str]], unrestricted: int, *, are_words: bool = False
    ) -> None:
        """Build the index.

        Args:
            patterns: By number of the rule, the patterns of which one must match.
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
