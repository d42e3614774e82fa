"""Traps about rows of an alarm table, whose alarm is named by a variable.

Such a trap is mapped by the alarm: the mapping for the alarm's own OID describes it.

Source:
    RFC 1628 (`upsTrapAlarmEntryAdded`, `upsTrapAlarmEntryRemoved`), and XUPS-MIB, which adopted it.
"""

from typing import NamedTuple

from opsconductor.mib.expression import variable
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.message.tlv import OID
from opsconductor.snmp.message.trap import Trap
from opsconductor.snmp.message.values import text_of

_UPS = "1.3.6.1.2.1.33"
_XUPS = "1.3.6.1.4.1.534.1"


class AlarmEntry(NamedTuple):
    """A trap about a row of an alarm table.

    Attributes:
        named_by: The variable whose value is the OID of the alarm.
    """

    named_by: str
    is_removed: bool


ENTRIES = {
    f"{_UPS}.2.3": AlarmEntry(f"{_UPS}.1.6.2.1.2", is_removed=False),
    f"{_UPS}.2.0.3": AlarmEntry(f"{_UPS}.1.6.2.1.2", is_removed=False),
    f"{_UPS}.2.4": AlarmEntry(f"{_UPS}.1.6.2.1.2", is_removed=True),
    f"{_UPS}.2.0.4": AlarmEntry(f"{_UPS}.1.6.2.1.2", is_removed=True),
    f"{_XUPS}.11.4.1.0.21": AlarmEntry(f"{_XUPS}.7.2.1.2", is_removed=False),
    f"{_XUPS}.11.4.1.0.22": AlarmEntry(f"{_XUPS}.7.2.1.2", is_removed=True),
}
"""By trap OID; v1 traps of RFC 1628 contain a zero."""

ALARMS = (f"{_UPS}.1.6.3.", f"{_XUPS}.7.")
"""Beginnings of the OIDs of alarms that such tables name."""


def mapping_of_alarm(
    trap: Trap, entry: AlarmEntry, vendor: str | None, table: MappingTable
) -> OidMapping | None:
    """Return the mapping for the OID of the alarm that a trap names; wildcards do not apply."""
    alarm = variable(entry.named_by).fill(trap.varbinds, _oid)
    mapping = table.find(alarm, vendor)
    return mapping if mapping is not None and mapping.oid_pattern == alarm else None


def _oid(_: str, tag: int, content: bytes) -> str | None:
    return text_of(tag, content) if tag == OID and content else None
