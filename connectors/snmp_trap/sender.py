"""Decide which device a trap is about (docs/inventory.md)."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Protocol

from connectors.snmp_trap.access import plain_address
from opsconductor.errors import NormalizeError
from opsconductor.model.address import Reach, reach_of
from opsconductor.model.normalized import DeviceAlias

IsForwarder = Callable[[str], bool]
"""Tells whether traps from an address speak for other devices (`trusted_forwarders`)."""


class NamesDevice(Protocol):
    """What a trap says of the device that it is about, see `Trap`."""

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
    """Whose trap it is.

    Attributes:
        device_ip: Address of the device as far as the message tells.
        aliases: Further names by which the inventory may know it.
        forwarder: Address of the trusted forwarder that passed it on; empty: it came directly.
        is_unnamed: A trusted forwarder has sent it and does not say for which device.
    """

    device_ip: str
    aliases: tuple[DeviceAlias, ...] = ()
    forwarder: str = ""
    is_unnamed: bool = False


def sender_of(peer: str, trap: NamesDevice, is_forwarder: IsForwarder) -> TrapSender:
    """Tell whose trap it is.

    The sender's UDP address; from a trusted forwarder what it says of the device behind it. The
    agent address of a v1 trap is only a further name: many devices put in an address that nobody
    else knows, or an old one. Everyone can write snmpTrapAddress.0, so without trust it is ignored.
    Loopback, broadcast and multicast addresses name no device.

    Args:
        peer: Address of the sender; may be empty.

    Raises:
        NormalizeError: `no_device`: neither the message nor the network tells an address.
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
    """Check whether a message that a forwarder sends leaves open which device it is about.

    A loopback address says that it is about the forwarder's own host.
    """
    told = (trap.trap_address, trap.agent_address)
    return not any(address and reach_of(address) is not Reach.NOTHING for address in told)


def _of_a_device(address: str) -> str:
    """Return an address that a message tells; empty: it is that of no single host."""
    return address if address and reach_of(address) in (Reach.HOST, Reach.LINK) else ""


@lru_cache(maxsize=16_384)
def _plain(peer: str) -> str:
    return str(plain_address(peer)) if ":" in peer else peer
