"""Rank of a device by its role: how near it is to the core of the network."""

from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import NamedTuple

from connectors.netbox.objects import DeviceRole, Machine

APPLIANCES = 80
"""From this rank on devices forward no traffic."""

ENDS = 60
"""From this rank on devices are the edge of the network: one whose role has no rank needs none of them."""

END = 90
"""Rank of devices with an unknown role."""

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
"""The first match applies; core before distribution before access before end devices."""


MOST_NAMED = 20
NO_ROLES: Mapping[int, DeviceRole] = MappingProxyType({})


class Rank(NamedTuple):
    """Distance from the core: lower is nearer; `is_known` is false when it is only assumed."""

    number: int
    is_known: bool


class Ranking:
    """Ranks of all roles.

    Attributes:
        patterns: In the order in which they are tried.
    """

    def __init__(self, configured: Mapping[str, int], roles: Mapping[int, DeviceRole] = NO_ROLES) -> None:
        """Add the configured ranks.

        Args:
            roles: By id: a role whose slug matches no pattern has the rank of its parent.
        """
        built_in = ((pattern, number) for number, patterns in BUILT_IN for pattern in patterns)
        self.patterns = (*((key.lower(), number) for key, number in configured.items()), *built_in)
        self._configured = configured
        self._roles = roles
        self._known: dict[str, Rank] = {}

    def with_roles(self, roles: Mapping[int, DeviceRole]) -> "Ranking":
        """Return ranks with the same patterns and the parents of roles."""
        return Ranking(self._configured, roles)

    def of(self, slug: str, role_id: int | None = None) -> Rank:
        """Return the rank of a role; that of an end device if no pattern matches it or its parents.

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
        """Return the rank of a device by its role."""
        return self.of(machine.role_slug, machine.role_id)

    def _of_slug(self, slug: str) -> Rank:
        if slug not in self._known:
            text = slug.lower()
            fitting = (number for pattern, number in self.patterns if fnmatchcase(text, pattern))
            number = next(fitting, None)
            self._known[slug] = Rank(END if number is None else number, number is not None)
        return self._known[slug]


def named_roles(roles: Counter[str]) -> str:
    """Return roles without a rank with their number of devices, most frequent first, then by name."""
    ordered = sorted(roles.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{slug or '(none)'} ({amount})" for slug, amount in ordered[:MOST_NAMED]]
    more = [f"{len(roles) - MOST_NAMED} more"] if len(roles) > MOST_NAMED else []
    return ", ".join([*named, *more])
