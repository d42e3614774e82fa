"""How near to the middle of the network a device is, judged by its role."""

from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import NamedTuple

from connectors.netbox.objects import DeviceRole, Machine

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


MOST_NAMED = 20
NO_ROLES: Mapping[int, DeviceRole] = MappingProxyType({})


class Rank(NamedTuple):
    """How near to the middle: the lower the nearer; `is_known` is false when it is only assumed."""

    number: int
    is_known: bool


class Ranking:
    """Knows the rank of every role.

    Attributes:
        patterns: In the order in which they are tried.
    """

    def __init__(self, configured: Mapping[str, int], roles: Mapping[int, DeviceRole] = NO_ROLES) -> None:
        """Take the configured ranks.

        Args:
            roles: By id: a role whose slug fits no pattern has the rank of its parent.
        """
        built_in = ((pattern, number) for number, patterns in BUILT_IN for pattern in patterns)
        self.patterns = (*((key.lower(), number) for key, number in configured.items()), *built_in)
        self._configured = configured
        self._roles = roles
        self._known: dict[str, Rank] = {}

    def with_roles(self, roles: Mapping[int, DeviceRole]) -> "Ranking":
        """Rank by the same patterns, with the parents that roles have."""
        return Ranking(self._configured, roles)

    def of(self, slug: str, role_id: int | None = None) -> Rank:
        """Return the rank of a role; that of an end device when no pattern fits it or what it is below.

        Args:
            role_id: Slugs are unique among the roles of one parent only.
        """
        rank = self._of_slug(slug)
        role = self._roles.get(role_id or 0)
        seen: set[int] = set()
        while not rank.is_known and role is not None and role.id not in seen:
            seen.add(role.id)
            role = self._roles.get(role.parent_id or 0)
            rank = self._of_slug(role.slug) if role is not None else rank
        return rank

    def of_machine(self, machine: Machine) -> Rank:
        """Return the rank that a device has by its role."""
        return self.of(machine.role_slug, machine.role_id)

    def _of_slug(self, slug: str) -> Rank:
        if slug not in self._known:
            text = slug.lower()
            fitting = (number for pattern, number in self.patterns if fnmatchcase(text, pattern))
            number = next(fitting, None)
            self._known[slug] = Rank(END if number is None else number, number is not None)
        return self._known[slug]


def named_roles(roles: Counter[str]) -> str:
    """Name roles without a rank with their number of devices, the most frequent first, equals by name."""
    ordered = sorted(roles.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{slug or '(none)'} ({amount})" for slug, amount in ordered[:MOST_NAMED]]
    more = [f"{len(roles) - MOST_NAMED} more"] if len(roles) > MOST_NAMED else []
    return ", ".join([*named, *more])
