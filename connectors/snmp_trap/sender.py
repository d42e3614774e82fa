"""Who sent a trap: whether it is allowed to, and which device it is about."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, Protocol

from connectors.snmp_trap.config import ANY_COMMUNITY, Network, SnmpTrapConfig
from opsconductor.errors import NormalizeError
from opsconductor.limits import BoundedMap
from opsconductor.model.address import Reach, reach_of
from opsconductor.model.construct import filler_of
from opsconductor.model.normalized import DeviceAlias

_MAX_PEERS = 20_000
"""Senders whose check is cached."""
UNMET = ""
"""In place of the check of a sender that is not cached."""
UNNAMED = "forwarder_names_no_device"
"""Reason for a trusted forwarder that does not name the device of a message."""


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
        verdict = self._peers.get(host, UNMET)
        if verdict is UNMET:
            address = plain_address(host)
            verdict = self._peers[host] = str(address) if self._is_in_networks(address) else None
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


IsForwarder = Callable[[str], bool]
"""Returns True if an address is a trusted forwarder (`trusted_forwarders`)."""


class NamesDevice(Protocol):
    """The addresses and IDs in a trap that identify its device, see `Trap`."""

    @property
    def agent_address(self) -> str:
        """Agent address of a v1 trap."""

    @property
    def trap_address(self) -> str:
        """Value of snmpTrapAddress.0."""

    @property
    def engine_id(self) -> str:
        """Authoritative engine ID of a v3 message."""


class TrapSender(NamedTuple):
    """Device that a trap is about.

    Attributes:
        device_ip: Address of the device as far as the message contains it.
        aliases: Further names by which the inventory may know it.
        forwarder: Address of the trusted forwarder that passed it on; empty: it came directly.
        is_unnamed: A trusted forwarder sent it and does not name the device.
    """

    device_ip: str
    aliases: tuple[DeviceAlias, ...] = ()
    forwarder: str = ""
    is_unnamed: bool = False


_sender = filler_of(TrapSender)


def sender_of(peer: str, trap: NamesDevice, is_forwarder: IsForwarder) -> TrapSender:
    """Return the device that a trap is about.

    It is the sender's UDP address; for a trusted forwarder, the device that the message names. The
    agent address of a v1 trap is only an alias: many devices send one that is unknown elsewhere or
    outdated. Anyone can write snmpTrapAddress.0, so it is ignored without trust.
    Loopback, broadcast and multicast addresses name no device.

    Args:
        peer: Address of the sender; may be empty.

    Raises:
        NormalizeError: `no_device`: neither the message nor the network provides an address.
    """
    if not (trap.agent_address or trap.trap_address or trap.engine_id) and peer and ":" not in peer:
        return _sender((peer, (), "", is_forwarder(peer)))
    peer = _plain(peer)
    agent = _of_a_device(trap.agent_address)
    stated = _of_a_device(trap.trap_address) or agent
    is_trusted = bool(peer) and is_forwarder(peer)
    is_forwarded = is_trusted and stated not in ("", peer)
    device_ip = stated if is_forwarded else peer or agent
    if not device_ip:
        raise NormalizeError("no_device", "neither sender nor agent address")
    aliases = []
    if agent and agent != device_ip:
        aliases.append(DeviceAlias(kind="agent_address", value=agent))
    if trap.engine_id:
        aliases.append(DeviceAlias(kind="engine_id", value=trap.engine_id))
    forwarder = peer if is_forwarded else ""
    return TrapSender(device_ip, tuple(aliases), forwarder, is_unnamed=is_trusted and is_unnamed(trap))


def is_unnamed(trap: NamesDevice) -> bool:
    """Return True if a message from a forwarder does not name its device.

    A loopback address means the forwarder's own host.
    """
    stated = (trap.trap_address, trap.agent_address)
    return not any(address and reach_of(address) is not Reach.NOTHING for address in stated)


def _of_a_device(address: str) -> str:
    """Return an address from a message; empty if it does not belong to a single host."""
    return address if address and reach_of(address) in (Reach.HOST, Reach.LINK) else ""


@lru_cache(maxsize=16_384)
def _plain(peer: str) -> str:
    return str(plain_address(peer)) if ":" in peer else peer
