"""Turns a trap into the standard form; pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from connectors.snmp_trap.alarm_entries import ENTRIES, mapping_of_alarm
from connectors.snmp_trap.decode_cache import Remembered, Said, uptime_of
from connectors.snmp_trap.document import document_of
from connectors.snmp_trap.evaluate import TrapFinding, judge
from connectors.snmp_trap.plan import PlannedTrap
from connectors.snmp_trap.reading import TrapReading, VarbindReading
from connectors.snmp_trap.rejection_log import UNNAMED
from connectors.snmp_trap.sender import IsForwarder, TrapSender, sender_of
from opsconductor.connector.rejection_words import words_of
from opsconductor.mib.vendors import vendor_of_oid
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mapping import OidMapping
from opsconductor.model.mapping_table import MappingTable
from opsconductor.model.normalized import NormalizedAlert, RawData
from opsconductor.model.port import PORT
from opsconductor.snmp.message.ber import decode
from opsconductor.snmp.message.record import decode_record
from opsconductor.snmp.message.trap import Trap

REASONS = {"no_device": "neither the message nor the network tells whose trap it is"}
"""Every reason of a NormalizeError from here."""

DAMAGED = "damaged_message"
"""Custom field of an alert whose message deviates from the standard."""

VendorOf = Callable[[str], str | None]


def normalize(
    raw: RawEvent, *, mappings: MappingTable, vendor_of: VendorOf, is_forwarder: IsForwarder
) -> tuple[NormalizedAlert, ...]:
    """Say which problems a trap reports or ends.

    One alert as a rule; several when the trap ends several problems. A trap that nothing is mapped
    to becomes `unknown_trap`.

    Args:
        raw: With `parsed` a `Trap` or a `Remembered` one, else with bytes that need no key: a message of
            v1 or v2c, or what `redacted` keeps of one of v3.
        vendor_of: Vendor by device address, lower case, as the inventory knows it.

    Raises:
        DecodeError: The bytes are no trap.
        NormalizeError: `no_device`.
    """
    if isinstance(raw.parsed, Remembered):
        return _again(raw, raw.parsed, mappings, vendor_of, is_forwarder)
    trap = raw.parsed if isinstance(raw.parsed, Trap | PlannedTrap) else decode_record(raw.payload)
    return _judged(raw, trap, mappings, vendor_of, is_forwarder).alerts


def _again(
    raw: RawEvent, known: Remembered, mappings: MappingTable, vendor_of: VendorOf, is_forwarder: IsForwarder
) -> tuple[NormalizedAlert, ...]:
    """Say once more what was judged before, with the time and the raw data of this message."""
    said = known.said
    if said is None or said.mappings is not mappings or vendor_of(said.sender.device_ip) != said.vendor:
        said = known.said = _judged(raw, known.trap, mappings, vendor_of, is_forwarder)
    write = (
        _document_of_payload if isinstance(known.trap, Trap) else partial(_document_of_planned, known.trap)
    )
    raw_data = partial(write, raw.payload, raw.peer, said.sender.forwarder)
    return tuple([alert.again(raw.received_at, raw_data) for alert in said.alerts])


def _judged(
    raw: RawEvent,
    trap: Trap | PlannedTrap,
    mappings: MappingTable,
    vendor_of: VendorOf,
    is_forwarder: IsForwarder,
) -> Said:
    sender = sender_of(raw.peer, trap, is_forwarder)
    vendor = vendor_of(sender.device_ip)
    mapping, cleared = _look_up(trap, vendor, mappings)
    notes = list(_notes(trap, sender)) if trap.faults or sender.is_unnamed else ()
    if isinstance(trap, PlannedTrap):
        reading: TrapReading = trap.open()
        raw_data: RawData = partial(_document_of_planned, trap, raw.payload, raw.peer, sender.forwarder)
    else:
        reading = VarbindReading(trap.varbinds)
        raw_data = partial(document_of, trap, raw.peer, sender.forwarder)
    alerts = [
        NormalizedAlert(
            source_system=raw.connector,
            alert_type=finding.alert_type,
            category=finding.category,
            severity=finding.severity,
            title=finding.title,
            message=_with_notes(finding.message, notes),
            occurred_at=raw.received_at,
            received_at=raw.received_at,
            device_ip=sender.device_ip,
            device_aliases=sender.aliases,
            resource=finding.resource,
            is_clear=finding.severity is Severity.CLEAR,
            is_cutting=finding.is_cutting,
            expires_after=finding.expires_after,
            custom_fields=_custom_fields(trap, finding),
            raw_data=raw_data,
        )
        for finding in judge(trap.trap_oid, reading, mapping=mapping, cleared=cleared)
    ]
    return Said(tuple(alerts), sender, vendor, mappings)


def _custom_fields(trap: Trap | PlannedTrap, finding: TrapFinding) -> Mapping[str, object] | None:
    """List what is to be seen beside the columns of the alert; None: nothing."""
    fields = {DAMAGED: "; ".join(trap.faults)} if trap.faults else {}
    if finding.port:
        fields[PORT] = finding.port
    return fields or None


def _notes(trap: Trap | PlannedTrap, sender: TrapSender) -> Iterator[str]:
    """Write what people must know of the message itself: that it was damaged, or does not name its device."""
    if trap.faults:
        yield f"Damaged message: {'; '.join(trap.faults)}."
    if sender.is_unnamed:
        words = words_of(UNNAMED)
        yield f"{words.explanation.capitalize()}: {words.remedy}."


def _with_notes(message: str, notes: Sequence[str]) -> str:
    return "\n".join(filter(None, (message, *notes))) if notes else message


def _document_of_planned(
    trap: PlannedTrap, payload: bytes, peer: str, forwarder: str
) -> Mapping[str, object]:
    uptime = uptime_of(payload, len(payload) - trap.plan.layout.size)
    return trap.document(uptime, peer, forwarder)


def _document_of_payload(payload: bytes, peer: str, forwarder: str) -> Mapping[str, object]:
    return document_of(decode(payload), peer, forwarder)


def _look_up(
    trap: Trap | PlannedTrap, vendor: str | None, mappings: MappingTable
) -> tuple[OidMapping | None, tuple[OidMapping, ...]]:
    """Find the trap's own mapping, and the problems that it clears.

    First under the vendor that the inventory knows; when that finds nothing, under the one whose
    enterprise number the trap or the device's own name for itself begins with. A trap about a row of an
    alarm table is mapped by the alarm, if anything is mapped to that.
    """
    oid = trap.trap_oid
    told = vendor_of_oid(oid) or (vendor_of_oid(trap.enterprise) if trap.enterprise else None)
    entry = ENTRIES.get(oid) if isinstance(trap, Trap) else None
    problem = mapping_of_alarm(trap, entry, told, mappings) if entry and isinstance(trap, Trap) else None
    if entry and problem:
        return (mappings.find(oid, told), (problem,)) if entry.is_removed else (problem, ())
    if vendor and vendor != told:
        mapping, cleared = mappings.find(oid, vendor), mappings.cleared_by(oid, vendor)
        if mapping or cleared:
            return mapping, cleared
    return mappings.find(oid, told), mappings.cleared_by(oid, told)
