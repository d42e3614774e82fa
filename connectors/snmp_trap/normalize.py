"""Normalization of traps; pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from connectors.snmp_trap.alarm_entries import ENTRIES, mapping_of_alarm
from connectors.snmp_trap.decode_cache import CachedTrap, Evaluated, uptime_of
from connectors.snmp_trap.evaluate import DERIVED, Applying, TrapIdentity, evaluate
from connectors.snmp_trap.plan import PlannedTrap
from connectors.snmp_trap.reading import TrapReading, VarbindReading, document_of
from connectors.snmp_trap.sender import UNNAMED, IsForwarder, TrapSender, sender_of
from opsconductor.connector.rejection_words import words_of
from opsconductor.mib.condition import applicable, is_conditional
from opsconductor.mib.condition import cleared as cleared_of
from opsconductor.mib.decode.naming import notification_name
from opsconductor.mib.enterprises import maker_of
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.vendors import vendor_of_oid
from opsconductor.model.construct import filler_of
from opsconductor.model.enums import CLEAR
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.port import PORT
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert, RawData
from opsconductor.snmp.message.ber import decode
from opsconductor.snmp.message.record import decode_record
from opsconductor.snmp.message.trap import Trap

REASONS = {"no_device": "neither the message nor the network identifies the device"}
"""All reasons of a NormalizeError raised here."""

DAMAGED = "damaged_message"
"""Custom field of an alert whose message deviates from the standard."""

_alert = filler_of(NormalizedAlert)
VendorOf = Callable[[str], str | None]


class Knowledge(NamedTuple):
    """What a trap is evaluated with; see `normalize`."""

    mappings: MappingTable
    facts: MibFacts
    vendor_of: VendorOf
    is_forwarder: IsForwarder


def normalize(
    raw: RawEvent, *, mappings: MappingTable, facts: MibFacts, vendor_of: VendorOf, is_forwarder: IsForwarder
) -> tuple[NormalizedAlert, ...]:
    """Return the reports of problems that a trap raises or clears.

    Usually one; several when the trap clears several problems. A trap without mapping
    becomes `unknown_trap`.

    Args:
        raw: With `parsed` a `Trap` or a `CachedTrap`, else with bytes that need no key: a message of
            v1 or v2c, or the result of `redacted` for v3.
        facts: Known objects and notifications.
        vendor_of: Vendor by device address, lower case, from the inventory.

    Raises:
        DecodeError: The bytes are not a trap.
        NormalizeError: `no_device`.
    """
    trap = raw.parsed
    if isinstance(trap, CachedTrap):
        known = trap.evaluated
        if (
            known is None
            or known.mappings is not mappings
            or known.facts is not facts
            or vendor_of(known.sender.device_ip) != known.vendor
        ):
            known = _evaluate_first(raw, trap, Knowledge(mappings, facts, vendor_of, is_forwarder))
        assert trap.document is not None
        raw_data = partial(trap.document, raw.payload, raw.peer, known.sender.forwarder)
        return tuple([alert.again(raw.received_at, raw_data) for alert in known.alerts])
    if not isinstance(trap, PlannedTrap) and not isinstance(trap, Trap):  # a union would be made each time
        trap = decode_record(raw.payload)
    sender = sender_of(raw.peer, trap, is_forwarder)
    return _evaluate(raw, trap, sender, vendor_of(sender.device_ip), mappings, facts)


def _evaluate_first(raw: RawEvent, cached: CachedTrap, knowledge: Knowledge) -> Evaluated:
    """Evaluate the content of a trap, and keep what the next ones with it repeat."""
    trap, mappings, facts = cached.trap, knowledge.mappings, knowledge.facts
    sender = sender_of(raw.peer, trap, knowledge.is_forwarder)
    vendor = knowledge.vendor_of(sender.device_ip)
    alerts = _evaluate(raw, trap, sender, vendor, mappings, facts)
    content = cached.evaluated = Evaluated(alerts, sender, vendor, mappings, facts)
    cached.document = (
        partial(_document_of_payload, facts)
        if isinstance(trap, Trap)
        else partial(_document_of_planned, trap)
    )
    return content


def _evaluate(
    raw: RawEvent,
    trap: Trap | PlannedTrap,
    sender: TrapSender,
    vendor: str | None,
    mappings: MappingTable,
    facts: MibFacts,
) -> tuple[NormalizedAlert, ...]:
    connector, payload, received_at, peer, *_ = raw
    device_ip, aliases, forwarder, is_unnamed = sender
    faults = trap.faults
    notes = list(_notes(trap, sender)) if faults or is_unnamed else ()
    applying = None
    if isinstance(trap, PlannedTrap):
        reading: TrapReading = trap.open()
        raw_data: RawData = partial(_document_of_planned, trap, payload, peer, forwarder)
        applying = trap.plan.applying
    else:
        reading = VarbindReading(trap.varbinds, facts)
        raw_data = partial(document_of, trap, peer, forwarder, facts)
    if applying is None or applying.mappings is not mappings or applying.vendor != vendor:
        applying = _applying(trap, reading, vendor, mappings, facts)
    found = evaluate(applying.identity, reading, mapping=applying.mapping, cleared=applying.cleared)
    alerts = [
        _alert(
            (
                connector,
                alert_type,
                category,
                severity,
                title,
                received_at,
                received_at,
                device_ip,
                None,  # device_name
                aliases,
                resource,
                _with_notes(message, notes) if notes else message,
                severity is CLEAR,
                "",  # source_alert_id
                False,  # has_problem_id
                is_cutting,
                expires_after,
                (),  # tags
                _custom_fields(faults, port) if faults or port else None,
                None,  # acknowledged_by
                "",  # snapshot_scope
                raw_data,
            )
        )
        for alert_type, category, severity, resource, title, message, is_cutting, expires_after, port in found
    ]
    return tuple(alerts)


def _applying(
    trap: Trap | PlannedTrap,
    reading: TrapReading,
    vendor: str | None,
    mappings: MappingTable,
    facts: MibFacts,
) -> Applying:
    """Return what applies to a trap; a plan keeps it while it is the same whatever the values are."""
    _, candidates, named = look_up(trap, vendor, mappings)
    mapping, cleared = applicable(candidates, reading.value), cleared_of(named, reading.value)
    is_declared = mapping is not None and mapping.origin is not DERIVED
    identity = TrapIdentity(trap.trap_oid) if is_declared else _identity(trap, facts)
    found = Applying(mappings, vendor, mapping, cleared, identity)
    if isinstance(trap, PlannedTrap) and not is_conditional(candidates, named):
        trap.plan.applying = found
    return found


def _identity(trap: Trap | PlannedTrap, facts: MibFacts) -> TrapIdentity:
    maker = maker_of(trap.trap_oid) or (maker_of(trap.enterprise) if trap.enterprise else "")
    return TrapIdentity(trap.trap_oid, notification_name(facts, trap.trap_oid) or "", maker)


def _custom_fields(faults: Sequence[str], port: str) -> Mapping[str, object]:
    fields = {DAMAGED: "; ".join(faults)} if faults else {}
    if port:
        fields[PORT] = port
    return fields


def _notes(trap: Trap | PlannedTrap, sender: TrapSender) -> Iterator[str]:
    """Return notes about the message itself: that it was damaged, or does not name its device."""
    if trap.faults:
        yield f"Damaged message: {'; '.join(trap.faults)}."
    if sender.is_unnamed:
        words = words_of(UNNAMED)
        yield f"{words.explanation.capitalize()}: {words.remedy}."


def _with_notes(message: str, notes: Sequence[str]) -> str:
    return "\n".join(filter(None, (message, *notes)))


def _document_of_planned(
    trap: PlannedTrap, payload: bytes, peer: str, forwarder: str
) -> Mapping[str, object]:
    uptime = uptime_of(payload, len(payload) - trap.plan.layout.size)
    return trap.document(uptime, peer, forwarder)


def _document_of_payload(facts: MibFacts, payload: bytes, peer: str, forwarder: str) -> Mapping[str, object]:
    return document_of(decode(payload), peer, forwarder, facts)


class LookedUp(NamedTuple):
    """What may apply to a trap.

    Attributes:
        vendor: Whose mappings are meant beside generic ones.
        candidates: The trap's own mappings; the first one whose conditions hold applies.
        named: The problems that it may clear.
    """

    vendor: str | None
    candidates: tuple[OidMapping, ...]
    named: tuple[OidMapping, ...]


def look_up(trap: Trap | PlannedTrap, vendor: str | None, mappings: MappingTable) -> LookedUp:
    """Return the trap's own mappings, one of which may apply, and the problems that it may clear.

    The vendor from the inventory is tried first; if that finds nothing, the vendor of the
    enterprise number that the trap OID or the device's sysObjectID begins with. A trap about a row of an
    alarm table is mapped by the alarm, if a mapping for it exists.
    """
    oid = trap.trap_oid
    trap_vendor = vendor_of_oid(oid) or (vendor_of_oid(trap.enterprise) if trap.enterprise else None)
    entry = ENTRIES.get(oid) if isinstance(trap, Trap) else None
    problem = (
        mapping_of_alarm(trap, entry, trap_vendor, mappings) if entry and isinstance(trap, Trap) else None
    )
    if entry and problem:
        if entry.is_removed:
            return LookedUp(trap_vendor, mappings.candidates(oid, trap_vendor), (problem,))
        return LookedUp(trap_vendor, (problem,), ())
    if vendor and vendor != trap_vendor:
        found, cleared = mappings.candidates(oid, vendor), mappings.cleared_by(oid, vendor)
        if any(each.origin is not DERIVED for each in (*found, *cleared)):
            return LookedUp(vendor, found, cleared)
    return LookedUp(trap_vendor, mappings.candidates(oid, trap_vendor), mappings.cleared_by(oid, trap_vendor))
