"""Port names carried by traps."""

from collections.abc import Iterable, Mapping

from opsconductor.mib.names import PORT_ALIAS, PORT_NAMES, TEXT, port_name
from opsconductor.model.port import interface_of
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.values import text_of

PORT_COLUMNS = frozenset({*PORT_NAMES, PORT_ALIAS})


def port_of(resource: str, varbinds: Iterable[Varbind]) -> str:
    """Return the name and description of a resource `ifIndex=24`: `Gi0/24 to access ring`.

    Returns:
        Empty when the resource is not a port, or the trap does not name it.
    """
    instance = instance_of(resource)
    if not instance:
        return ""
    told: dict[str, bytes] = {}
    for oid, tag, content in varbinds:
        column, _, index = oid.rpartition(".")
        if index == instance and tag == tlv.OCTET_STRING and column in PORT_COLUMNS:
            told[column] = content
    return joined(told)


def instance_of(resource: str) -> str:
    """Return the ifIndex of a resource; empty if it is not a port."""
    return interface_of(resource).partition("=")[2]


def joined(told: Mapping[str, bytes]) -> str:
    """Return the name of a port from its columns."""
    return port_name({column: text_of(tlv.OCTET_STRING, content, TEXT) for column, content in told.items()})
