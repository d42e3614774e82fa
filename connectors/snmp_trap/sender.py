"""The device that a trap is about (docs/inventory.md)."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Protocol

from connectors.snmp_trap.access import plain_address
from opsconductor.errors import NormalizeError
from opsconductor.model.address import Reach, reach_of
from opsconductor.model.normalized import DeviceAlias

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
        return TrapSender(peer, is_unnamed=is_forwarder(peer))
    peer = _plain(peer)
    agent = _of_a_device(trap.agent_address)
    told = _of_a_device(trap.trap_address) or agent
    is_trusted = bool(peer) and is_forwarder(peer)
    is_forwarded = is_trusted and told not in ("", peer)
    device_ip = told if is_forwarded else peer or agent
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
    told = (trap.trap_address, trap.agent_address)
    return not any(address and reach_of(address) is not Reach.NOTHING for address in told)


def _of_a_device(address: str) -> str:
    """Return an address from a message; empty if it does not belong to a single host."""
    return address if address and reach_of(address) in (Reach.HOST, Reach.LINK) else ""


@lru_cache(maxsize=16_384)
def _plain(peer: str) -> str:
    return str(plain_address(peer)) if ":" in peer else peer
