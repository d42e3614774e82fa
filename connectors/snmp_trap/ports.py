"""Names of ports, as far as a trap tells them."""

import re
from collections.abc import Iterable

from opsconductor.mib.names import OBJECTS, TEXT
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.values import text_of

NUMBER_OF_PORT = re.compile(r"ifIndex=\d+")
NAMES = (OBJECTS["ifName"], OBJECTS["ifDescr"])
"""Columns that name a port; the first that is filled is taken."""

ALIAS = OBJECTS["ifAlias"]
LONGEST = 60
NO_PLACEHOLDERS = str.maketrans("{}", "()")


def port_of(resource: str, varbinds: Iterable[Varbind]) -> str:
    """Name the port of a resource `ifIndex=24`: `Gi0/24 to access ring`, its name and its description.

    Returns:
        Empty when the resource is no port, or the trap does not name it.
    """
    if not NUMBER_OF_PORT.fullmatch(resource):
        return ""
    instance = resource.partition("=")[2]
    told: dict[str, str] = {}
    for oid, tag, content in varbinds:
        column, _, index = oid.rpartition(".")
        if index == instance and tag == tlv.OCTET_STRING and (column in NAMES or column == ALIAS):
            told[column] = _one_line(text_of(tag, content, TEXT))
    name = next((told[column] for column in NAMES if told.get(column)), "")
    alias = told.get(ALIAS, "")
    return " ".join(filter(None, (name, "" if alias == name else alias))) if name else ""


def _one_line(text: str) -> str:
    line = " ".join(text.split()).translate(NO_PLACEHOLDERS)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
