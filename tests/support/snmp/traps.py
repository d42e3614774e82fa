"""Traps as their devices send them, from the lines of case files."""

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.typed import encode_value
from opsconductor.snmp.notice import SenderV1, SenderV2c, SnmpNotice

DEVICE = "192.0.2.1"


def packet(step: Mapping[str, Any]) -> bytes:
    """Encode the trap of a step as its device would.

    Args:
        step: `trap` (OID), `varbinds` (OID, type letter and value, as for snmptrap(1)), `version: 1` for
            SNMPv1.
    """
    notice = SnmpNotice(
        trap_oid=step["trap"], uptime=10_000, varbinds=[varbind(text) for text in step.get("varbinds", ())]
    )
    if step.get("version") == 1:
        return SenderV1(community=b"public", agent=IPv4Address(DEVICE)).trap(notice)
    return SenderV2c(community=b"public").trap(notice)


def varbind(text: str) -> Varbind:
    """Encode a variable: OID, type letter and value."""
    oid, letter, *value = text.split(" ", 2)
    return (oid, *encode_value(letter, "".join(value)))
