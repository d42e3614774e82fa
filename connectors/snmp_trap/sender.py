"""Decides whose trap it is (design, section 6: device)."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from connectors.snmp_trap.access import plain_address
from opsconductor.errors import NormalizeError
from opsconductor.model.normalized import DeviceAlias
from opsconductor.snmp.trap import Trap

IsForwarder = Callable[[str], bool]
"""Tells whether traps from an address speak for other devices (`trusted_forwarders`)."""


class Sender(NamedTuple):
    """Whose trap it is.

    Attributes:
        device_ip: Address of the device as far as the message tells.
        aliases: Further names by which the inventory may know it.
        forwarder: Address of the trusted forwarder that passed it on; empty: it came directly.
    """

    device_ip: str
    aliases: tuple[DeviceAlias, ...] = ()
    forwarder: str = ""


def sender_of(peer: str, trap: Trap, is_forwarder: IsForwarder) -> Sender:
    """Tell whose trap it is.

    The sender's UDP address; from a trusted forwarder what it says of the device behind it. The
    agent address of a v1 trap is only a further name: many devices put in an address that nobody
    else knows, or an old one. Everyone can write snmpTrapAddress.0, so without trust it is ignored.

    Args:
        peer: Address of the sender; may be empty.

    Raises:
        NormalizeError: `no_device`: neither the message nor the network tells an address.
    """
    if not (trap.agent_address or trap.trap_address or trap.engine_id) and peer and ":" not in peer:
        return Sender(peer)
    peer = _plain(peer)
    told = trap.trap_address or trap.agent_address
    is_forwarded = bool(told and told != peer and peer and is_forwarder(peer))
    device_ip = told if is_forwarded else peer or trap.agent_address
    if not device_ip:
        raise NormalizeError("no_device", "neither sender nor agent address")
    aliases = []
    if trap.agent_address and trap.agent_address != device_ip:
        aliases.append(DeviceAlias(kind="agent_address", value=trap.agent_address))
    if trap.engine_id:
        aliases.append(DeviceAlias(kind="engine_id", value=trap.engine_id))
    return Sender(device_ip, tuple(aliases), peer if is_forwarded else "")


@lru_cache(maxsize=16_384)
def _plain(peer: str) -> str:
    return str(plain_address(peer)) if ":" in peer else peer
