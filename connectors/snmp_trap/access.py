"""Access control: networks and communities of accepted senders."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from connectors.snmp_trap.config import ANY_COMMUNITY, Network, SnmpTrapConfig
from opsconductor.limits import BoundedMap

_MAX_PEERS = 20_000
"""Senders whose check is cached."""


class AccessList:
    """Accepts or refuses a message by sender address and community."""

    def __init__(self, config: SnmpTrapConfig) -> None:
        allowed = [community.get_secret_value() for community in config.communities]
        self._communities = frozenset(community.encode() for community in allowed)
        self._is_any_community = ANY_COMMUNITY in allowed
        self._networks = config.networks
        self._peers: BoundedMap[str, str | None] = BoundedMap(_MAX_PEERS)

    def peer(self, host: str) -> str | None:
        """Return the sender's address in normal form, or None if it is not in the networks.

        Args:
            host: As the socket reports it; IPv4 may be IPv4-mapped, link-local may have a zone.
        """
        try:
            return self._peers[host]
        except KeyError:
            address = plain_address(host)
            verdict = str(address) if self._is_in_networks(address) else None
            self._peers[host] = verdict
            return verdict

    def admits(self, community: bytes) -> bool:
        """Return True if the community is configured."""
        return community in self._communities or self._is_any_community

    def _is_in_networks(self, address: IPv4Address | IPv6Address) -> bool:
        return not self._networks or is_in(address, self._networks)


class Forwarders:
    """Checks whether an address is a trusted proxy; results are cached."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = networks
        self._verdicts: BoundedMap[str, bool] = BoundedMap(_MAX_PEERS)

    def __call__(self, address: str) -> bool:
        """Return True if an address, as `AccessList.peer` writes it, is a trusted proxy."""
        if not self._networks:
            return False
        verdict = self._verdicts.get(address)
        if verdict is None:
            verdict = self._verdicts[address] = is_in(plain_address(address), self._networks)
        return verdict


def plain_address(host: str) -> IPv4Address | IPv6Address:
    """Return an address without IPv4 mapping and without zone."""
    address = ip_address(host.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def is_in(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    """Return True if an address is in one of the networks; those of the other family never match."""
    return any(address in network for network in networks)
