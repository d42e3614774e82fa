"""Names of ports, as far as a trap tells them."""

from collections.abc import Iterable

from opsconductor.mib.names import TEXT
from opsconductor.mib.ports import ALIAS, NAMES, port_name
from opsconductor.model.port import interface_of
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.values import text_of


def port_of(resource: str, varbinds: Iterable[Varbind]) -> str:
    """Name the port of a resource `ifIndex=24`: `Gi0/24 to access ring`, its name and its description.

    Returns:
        Empty when the resource is no port, or the trap does not name it.
    """
    interface = interface_of(resource)
    if not interface:
        return ""
    instance = interface.partition("=")[2]
    told: dict[str, str] = {}
    for oid, tag, content in varbinds:
        column, _, index = oid.rpartition(".")
        if index == instance and tag == tlv.OCTET_STRING and (column in NAMES or column == ALIAS):
            told[column] = text_of(tag, content, TEXT)
    return port_name(told)
