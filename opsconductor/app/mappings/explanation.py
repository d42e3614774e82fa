"""Explanations of traps as documents, with where each mapping comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.snmp_trap.explain import (
    CandidateMapping,
    TestedCondition,
    TrapExplanation,
    explain,
    explain_oid,
)
from connectors.snmp_trap.normalize import Knowledge
from opsconductor.app.configuring.loading import Configuration
from opsconductor.config.provision.document import read_document
from opsconductor.config.provision.provision import find_files, read_items
from opsconductor.config.provision.rows import Item, ProvisionTable, Row
from opsconductor.inventory.identify import identify
from opsconductor.mib.decode.naming import name_of
from opsconductor.mib.derived_mappings import is_active
from opsconductor.mib.ending import condition_text, endings_of, value_text
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.shipped import shipped
from opsconductor.snmp.message.record import decode_record
from opsconductor.snmp.message.trap import Trap

UNKNOWN_PEER = "192.0.2.1"
"""Sender of a trap whose sender is not known; an address of documentation."""

INSTALLED = "oid_mappings, as installed"
"""Place of a mapping that ranks like a pack and is in no file of one."""

PlaceOf = Callable[[OidMapping], str]
"""Returns where one of the operator's own mappings is declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrapToExplain:
    """A trap as it was received, or its OID alone.

    Attributes:
        trap: None: only the OID is known.
    """

    trap_oid: str
    trap: Trap | None = None
    peer: str = UNKNOWN_PEER


def explanation_of(
    asked: TrapToExplain, configuration: Configuration, place_of: PlaceOf, at: datetime
) -> Mapping[str, Any]:
    """Explain a trap, JSON-ready; blocks for some 100 ms, since the files of packs are searched."""
    facts, inventory = configuration.facts, configuration.inventory
    knowledge = Knowledge(configuration.mappings, facts, inventory.vendor_of, lambda _: False)
    if asked.trap is None:
        found = explain_oid(asked.trap_oid, knowledge)
    else:
        found = explain(asked.trap, asked.peer, at, knowledge)
    deciding = next((each for each in found.candidates if each.decides), None)
    notification = facts.notification(asked.trap_oid)
    return {
        "trap": {
            "oid": asked.trap_oid,
            "name": f"{notification.module}::{notification.name}" if notification else "",
            "vendor": found.vendor,
            "peer": asked.peer if asked.trap is not None else None,
            "variables": _variables(asked.trap, facts),
        },
        "candidates": [_candidate(each, found, facts, place_of) for each in found.candidates],
        "reports": [_report(each) for each in identify(found.reports, inventory)],
        "clears": [_named(each, facts, place_of) for each in found.cleared],
        "cleared_by": [] if deciding is None else _endings(deciding, configuration),
        "derived": _derived(asked.trap_oid, facts),
    }


def _variables(trap: Trap | None, facts: MibFacts) -> list[str]:
    return [name_of(facts, oid) or oid for oid, _, _ in trap.varbinds] if trap is not None else []


def _candidate(
    candidate: CandidateMapping, found: TrapExplanation, facts: MibFacts, place_of: PlaceOf
) -> Mapping[str, Any]:
    mapping = candidate.mapping
    applied = mapping if candidate.case is None else mapping.cases[candidate.case].mapping
    return {
        **_named(mapping, facts, place_of),
        "decides": candidate.decides,
        "why": _why(candidate, found),
        "conditions": [
            {
                "text": condition_text(each.condition, facts),
                "value": value_text(each.condition.varbind, each.value, facts),
                "holds": each.holds,
            }
            for each in candidate.tested
        ],
        "case": candidate.case,
        "severity": "by value" if applied.severity_map else str(applied.default_severity),
        "title_template": applied.title_template,
        "resource_expression": applied.resource_expression,
        "is_clear": applied.is_clear_event,
    }


def _why(candidate: CandidateMapping, found: TrapExplanation) -> str:
    failed = [each for each in candidate.tested if not each.holds]
    if failed:
        return "a condition does not hold" if _is_there(failed) else "a variable is missing"
    if candidate.decides:
        return "the first one that applies"
    if candidate.mapping.conditions and not candidate.tested:
        return "depends on variables"
    before = next((each.mapping for each in found.candidates if each.decides), None)
    if before is not None and before.origin < candidate.mapping.origin:
        return f"a mapping of origin {before.origin.name.lower()} goes before it"
    return "a more specific mapping goes before it"


def _is_there(failed: Sequence[TestedCondition]) -> bool:
    return any(each.value != "?" for each in failed)


def _named(mapping: OidMapping, facts: MibFacts, place_of: PlaceOf) -> Mapping[str, Any]:
    return {
        "origin": mapping.origin.name.lower(),
        "oid_pattern": mapping.oid_pattern,
        "vendor": mapping.vendor,
        "name": mapping.mib_object or name_of(facts, mapping.oid_pattern) or "",
        "place": _place(mapping, place_of),
        "alert_type": mapping.alert_type,
    }


def _place(mapping: OidMapping, place_of: PlaceOf) -> str:
    if mapping.origin is Origin.OWN:
        return place_of(mapping)
    if mapping.origin is Origin.PACK:
        return place_in_packs(mapping)
    return f"derived from {mapping.mib_name}"


def place_in_packs(mapping: OidMapping) -> str:
    """Return file and line of a mapping of a pack; only files that hold its OID are read.

    The generic traps are rows of the database that rank like a pack.
    """
    folder = shipped("mibs") / "packs"
    for file in find_files([folder])[0]:
        if mapping.oid_pattern not in file.read_text(encoding="utf-8"):
            continue
        document, _ = read_document(file)
        for item in read_items(document, str(file)):
            if isinstance(item, Item) and _is_declared_by(mapping, item):
                return f"mibs/packs/{file.name}:{document.line_of(item.at)}"
    return INSTALLED


def _is_declared_by(mapping: OidMapping, item: Item) -> bool:
    row = item.row
    return (
        item.table is ProvisionTable.OID_MAPPINGS
        and (row["oid_pattern"], row["vendor"]) == (mapping.oid_pattern, mapping.vendor)
        and len(row["conditions"]) == len(mapping.conditions)
    )


def place_among(rows: Sequence[tuple[Row, str | None]]) -> PlaceOf:
    """Return the function for the place of a row of the database: the file that declares it.

    Args:
        rows: Each with its `provisioned_from`.
    """
    origins = {(row["oid_pattern"], row["vendor"], len(row["conditions"])): origin for row, origin in rows}

    def place_of(mapping: OidMapping) -> str:
        origin = origins.get((mapping.oid_pattern, mapping.vendor, len(mapping.conditions)))
        return f"oid_mappings, from {origin}" if origin else "oid_mappings"

    return place_of


def _report(found: IdentifiedReport) -> Mapping[str, Any]:
    report = found.report
    device = found.device_name or found.device_ip or ""
    return {
        "alert_type": report.alert_type,
        "severity": str(report.severity),
        "category": str(report.category),
        "title": report.title.replace("{device_name}", device),
        "resource": report.resource,
        "device": device,
        "device_ip": found.device_ip,
        "fingerprint": found.fingerprint,
        "is_clear": report.is_clear,
        "is_cutting": report.is_cutting,
    }


def _endings(deciding: CandidateMapping, configuration: Configuration) -> list[Mapping[str, str]]:
    mapping = deciding.mapping
    if mapping.is_clear_event:
        return []
    found = endings_of(mapping, configuration.mappings.mappings, configuration.facts)
    return [{"trap_oid": each.trap_oid, "text": each.text} for each in found]


def _derived(trap_oid: str, facts: MibFacts) -> Mapping[str, Any] | None:
    """Return what is derived from the notification, in force or not; None: nothing is."""
    found = facts.mapping(trap_oid)
    if found is None:
        return None
    return {
        "role": found.role,
        "alert_type": found.alert_type,
        "severity": str(found.severity),
        "confidence": round(found.confidence, 2),
        "is_suggestion": not is_active(found),
        "clears": list(found.clears),
        "reasons": [f"{reason.rule}: {reason.detail}" for reason in found.reasons],
    }


def trap_of_event(event: ArchivedEvent) -> TrapToExplain:
    """Return the trap of a raw event; raises DecodeError if it is not a trap."""
    return trap_of_packet(event.payload or b"", event.peer)


def trap_of_packet(payload: bytes, peer: str) -> TrapToExplain:
    """Return the trap of a datagram; raises DecodeError if it is not a trap.

    Args:
        peer: Empty: not known.
    """
    trap = decode_record(payload)
    return TrapToExplain(trap_oid=trap.trap_oid, trap=trap, peer=peer or UNKNOWN_PEER)
