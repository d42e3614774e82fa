"""Normalization of traps; pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from connectors.snmp_trap.alarm_entries import ENTRIES, mapping_of_alarm
from connectors.snmp_trap.decode_cache import CachedTrap, Evaluated, uptime_of
from connectors.snmp_trap.evaluate import Applying, TrapFinding, TrapIdentity, evaluate
from connectors.snmp_trap.plan import PlannedTrap
from connectors.snmp_trap.reading import TrapReading, VarbindReading, document_of
from connectors.snmp_trap.rejection_log import UNNAMED
from connectors.snmp_trap.sender import IsForwarder, TrapSender, sender_of
from opsconductor.connector.rejection_words import words_of
from opsconductor.mib.condition import applicable, is_conditional
from opsconductor.mib.condition import cleared as cleared_of
from opsconductor.mib.decode.naming import notification_name
from opsconductor.mib.enterprises import maker_of
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.vendors import vendor_of_oid
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.port import PORT
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert, RawData
from opsconductor.snmp.message.ber import decode
from opsconductor.snmp.message.record import decode_record
from opsconductor.snmp.message.trap import Trap

REASONS = {"no_device": "neither the message nor the network identifies the device"}
"""All reasons of a NormalizeError raised here."""

DAMAGED = "damaged_message"
"""Custom field of an alert whose message deviates from the standard."""

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
    return _evaluate(raw, trap, Knowledge(mappings, facts, vendor_of, is_forwarder)).alerts


def _evaluate_first(raw: RawEvent, cached: CachedTrap, knowledge: Knowledge) -> Evaluated:
    """Evaluate the content of a trap, and keep what the next ones with it repeat."""
    content = cached.evaluated = _evaluate(raw, cached.trap, knowledge)
    cached.document = (
        partial(_document_of_payload, content.facts)
        if isinstance(cached.trap, Trap)
        else partial(_document_of_planned, cached.trap)
    )
    return content


def _evaluate(raw: RawEvent, trap: Trap | PlannedTrap, knowledge: Knowledge) -> Evaluated:
    mappings, facts = knowledge.mappings, knowledge.facts
    sender = sender_of(raw.peer, trap, knowledge.is_forwarder)
    vendor = knowledge.vendor_of(sender.device_ip)
    notes = list(_notes(trap, sender)) if trap.faults or sender.is_unnamed else ()
    if isinstance(trap, PlannedTrap):
        reading: TrapReading = trap.open()
        raw_data: RawData = partial(_document_of_planned, trap, raw.payload, raw.peer, sender.forwarder)
    else:
        reading = VarbindReading(trap.varbinds, facts)
        raw_data = partial(document_of, trap, raw.peer, sender.forwarder, facts)
    applying = _applying(trap, reading, vendor, knowledge)
    alerts = [
        NormalizedAlert(  # by position: each keyword takes as long as a value
            raw.connector,
            finding.alert_type,
            finding.category,
            finding.severity,
            finding.title,
            raw.received_at,
            raw.received_at,
            sender.device_ip,
            None,  # device_name
            sender.aliases,
            finding.resource,
            _with_notes(finding.message, notes) if notes else finding.message,
            finding.severity is Severity.CLEAR,
            "",  # source_alert_id
            False,  # noqa: FBT003 - has_problem_id
            finding.is_cutting,
            finding.expires_after,
            (),  # tags
            _custom_fields(trap, finding),
            None,  # acknowledged_by
            "",  # snapshot_scope
            raw_data,
        )
        for finding in evaluate(
            applying.identity, reading, mapping=applying.mapping, cleared=applying.cleared
        )
    ]
    return Evaluated(tuple(alerts), sender, vendor, mappings, facts)


def _applying(
    trap: Trap | PlannedTrap, reading: TrapReading, vendor: str | None, knowledge: Knowledge
) -> Applying:
    """Return what applies to a trap; a plan keeps it while it is the same whatever the values are."""
    mappings = knowledge.mappings
    known = trap.plan.applying if isinstance(trap, PlannedTrap) else None
    if known is not None and known.mappings is mappings and known.vendor == vendor:
        return known
    _, candidates, named = look_up(trap, vendor, mappings)
    mapping, cleared = applicable(candidates, reading.value), cleared_of(named, reading.value)
    is_declared = mapping is not None and mapping.origin is not Origin.DERIVED
    identity = TrapIdentity(trap.trap_oid) if is_declared else _identity(trap, knowledge.facts)
    found = Applying(mappings, vendor, mapping, cleared, identity)
    if isinstance(trap, PlannedTrap) and not is_conditional(candidates, named):
        trap.plan.applying = found
    return found


def _identity(trap: Trap | PlannedTrap, facts: MibFacts) -> TrapIdentity:
    maker = maker_of(trap.trap_oid) or (maker_of(trap.enterprise) if trap.enterprise else "")
    return TrapIdentity(trap.trap_oid, notification_name(facts, trap.trap_oid) or "", maker)


def _custom_fields(trap: Trap | PlannedTrap, finding: TrapFinding) -> Mapping[str, object] | None:
    """Return the custom fields of the alert; None: it has none."""
    fields = {DAMAGED: "; ".join(trap.faults)} if trap.faults else {}
    if finding.port:
        fields[PORT] = finding.port
    return fields or None


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
        candidates: The trap's own mappings, of which the first one whose conditions hold applies.
        named: The problems that it may clear.
    """

    vendor: str | None
    candidates: tuple[OidMapping, ...]
    named: tuple[OidMapping, ...]


def look_up(trap: Trap | PlannedTrap, vendor: str | None, mappings: MappingTable) -> LookedUp:
    """Return the trap's own mappings, of which one may apply, and the problems that it may clear.

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
        if any(each.origin is not Origin.DERIVED for each in (*found, *cleared)):
            return LookedUp(vendor, found, cleared)
    return LookedUp(trap_vendor, mappings.candidates(oid, trap_vendor), mappings.cleared_by(oid, trap_vendor))
