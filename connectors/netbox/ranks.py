"""How near to the middle of the network a device is, judged by its role."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

APPLIANCES = 80
"""From this rank on devices pass nothing on."""

ENDS = 60
"""From this rank on devices are the end of the network: one whose role has no rank needs none of them."""

END = 90
"""Rank of whatever has a role that nobody knows."""

BUILT_IN: tuple[tuple[int, tuple[str, ...]], ...] = (
    (60, ("*access-point*", "ap", "ap-*", "*-ap", "*wireless*", "*wifi*", "*wlan*", "*radio*", "*cpe*")),
    (APPLIANCES, ("*access-control*", "*transfer-switch*", "*kvm*")),
    (30, ("*dist*", "*aggregat*", "agg", "agg-*", "*-agg", "*-agg-*")),
    (10, ("core", "core-*", "*-core", "*-core-*", "*backbone*", "*spine*")),
    (40, ("*switch*", "*access*", "*leaf*", "tor", "tor-*", "*-tor", "*top-of-rack*")),
    (20, ("*router*", "*firewall*", "*border*", "wan", "wan-*", "*-wan", "*-wan-*", "*gateway*")),
    (40, ("*edge*",)),
    (APPLIANCES, ("*server*", "*storage*", "*hypervisor*", "*pdu*", "ups", "ups-*", "*-ups", "*camera*")),
    (APPLIANCES, ("*phone*", "*printer*", "*sensor*", "*console*", "*terminal*", "*workstation*")),
)
"""The first pattern that fits counts; core before distribution before access before end devices."""


class Rank(NamedTuple):
    """How near to the middle: the lower the nearer; `is_known` is false when it is only assumed."""

    number: int
    is_known: bool


class Ranking:
    """Knows the rank of every role; `patterns` in the order in which they are tried."""

    def __init__(self, configured: Mapping[str, int]) -> None:
        built_in = ((pattern, number) for number, patterns in BUILT_IN for pattern in patterns)
        self.patterns = (*((key.lower(), number) for key, number in configured.items()), *built_in)
        self._known: dict[str, Rank] = {}

    def of(self, slug: str) -> Rank:
        """Give the rank of a role; that of an end device when no pattern fits."""
        if slug not in self._known:
            text = slug.lower()
            fitting = (number for pattern, number in self.patterns if fnmatchcase(text, pattern))
            number = next(fitting, None)
            self._known[slug] = Rank(END if number is None else number, number is not None)
        return self._known[slug]
