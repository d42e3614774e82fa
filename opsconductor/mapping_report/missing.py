"""Traps without a mapping: what is proposed, or which MIB is missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from opsconductor.mapping_report.in_force import MappingsInForce
from opsconductor.mapping_report.proposal import Proposal, propose
from opsconductor.mib.enterprises import maker_of
from opsconductor.mib.vendors import ENTERPRISES_ROOT
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.store.mapping_health import UnmappedSum

Suggest = Callable[[str], tuple[OidMapping, float] | None]
"""Returns the mapping derived for a trap OID with its confidence; None: nothing is known of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedFinding:
    """Traps of one OID that no mapping knows.

    Attributes:
        name: Of the notification; empty when it is not known.
        maker: Vendor or enterprise; empty when the OID has none.
        enterprise: Its number; empty when the OID has none.
        remedy: What to do.
        confidence: Of the proposed mapping, from 0 to 1.
    """

    trap_oid: str
    name: str
    maker: str
    enterprise: str
    count: int
    devices: int
    some_devices: tuple[str, ...]
    last_at: datetime
    title: str
    remedy: str
    confidence: float = 0.0
    proposal: Proposal | None = None


def unmapped_findings(
    sums: Iterable[UnmappedSum], in_force: MappingsInForce, suggest: Suggest
) -> list[UnmappedFinding]:
    """Return the traps that no mapping knows now, most frequent first."""
    return [
        _finding(each, in_force, suggest)
        for each in sums
        if not any(in_force.is_mapped(each.trap_oid, device) for device in each.some_devices)
    ]


def _finding(each: UnmappedSum, in_force: MappingsInForce, suggest: Suggest) -> UnmappedFinding:
    fact = in_force.facts.notification(each.trap_oid)
    suggested = suggest(each.trap_oid) if fact is not None else None
    proposal, confidence = None, 0.0
    if suggested is not None:
        mapping, confidence = suggested
        why = f"opsconductor mappings report: derived with confidence {confidence:.2f}"
        proposal = propose([mapping], in_force.facts, why)
    maker, enterprise = maker_of(each.trap_oid), _enterprise(each.trap_oid)
    return UnmappedFinding(
        trap_oid=each.trap_oid,
        name="" if fact is None else fact.name,
        maker=maker,
        enterprise=enterprise,
        count=each.amount,
        devices=each.devices,
        some_devices=each.some_devices,
        last_at=each.last_at,
        title=each.title,
        remedy=_remedy(each.trap_oid, maker, enterprise, has_proposal=proposal is not None),
        confidence=confidence,
        proposal=proposal,
    )


def _remedy(trap_oid: str, maker: str, enterprise: str, *, has_proposal: bool) -> str:
    if has_proposal:
        return "check the proposed mapping and apply it"
    if enterprise:
        return (
            f"the MIB of {maker} (enterprise {enterprise}) that defines {trap_oid} is missing: get it from"
            " the vendor, then: opsconductor mib import FILE"
        )
    return f"get the MIB that defines {trap_oid}, then: opsconductor mib import FILE"


def _enterprise(oid: str) -> str:
    if not oid.startswith(ENTERPRISES_ROOT):
        return ""
    return oid[len(ENTERPRISES_ROOT) :].partition(".")[0]
