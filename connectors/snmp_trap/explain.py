"""Explanation of a trap: which mapping decides and why, and what it makes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.snmp_trap.normalize import Knowledge, look_up, normalize
from connectors.snmp_trap.reading import TrapReading, VarbindReading
from connectors.snmp_trap.sender import sender_of
from opsconductor.mib.condition import cleared as cleared_of
from opsconductor.mib.condition import holds
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import Condition, OidMapping
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.snmp.message.trap import Trap


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedCondition:
    """A condition, and what the trap has for it.

    Attributes:
        value: Of the variable; `?`: the trap does not carry it.
    """

    condition: Condition
    value: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateMapping:
    """A mapping whose pattern matches the trap.

    Attributes:
        tested: Its conditions.
        case: Number of its case that applies; None: none does.
        decides: It is the one that applies.
    """

    mapping: OidMapping
    tested: tuple[TestedCondition, ...]
    case: int | None
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrapExplanation:
    """Outcome of a trap, with the reasons.

    Attributes:
        vendor: Whose mappings were looked for beside generic ones.
        candidates: In order of precedence, also those that a mapping before them hides.
        cleared: Mappings of the problems that it clears because they name it.
        reports: What it reports; empty when its variables are not known.
    """

    vendor: str | None
    candidates: tuple[CandidateMapping, ...]
    cleared: tuple[OidMapping, ...]
    reports: tuple[NormalizedAlert, ...]


def explain(trap: Trap, peer: str, at: datetime, knowledge: Knowledge) -> TrapExplanation:
    """Explain a trap as it is evaluated when it is received."""
    sender = sender_of(peer, trap, knowledge.is_forwarder)
    vendor, chosen, named = look_up(trap, knowledge.vendor_of(sender.device_ip), knowledge.mappings)
    reading = VarbindReading(trap.varbinds, knowledge.facts)
    raw = RawEvent(connector="explain", payload=b"", received_at=at, peer=peer, parsed=trap)
    return TrapExplanation(
        vendor=vendor,
        candidates=_candidates(trap, vendor, chosen, knowledge, reading),
        cleared=tuple(cleared_of(named, reading.value)),
        reports=normalize(raw, **knowledge._asdict()),
    )


def _candidates(
    trap: Trap, vendor: str | None, chosen: Sequence[OidMapping], knowledge: Knowledge, reading: TrapReading
) -> tuple[CandidateMapping, ...]:
    matching = knowledge.mappings.matching(trap.trap_oid, vendor)
    found: list[CandidateMapping] = []
    is_decided = False
    for mapping in _distinct((*chosen, *matching)):
        tested = _tested(mapping.conditions, reading)
        decides = not is_decided and all(each.holds for each in tested)
        is_decided = is_decided or decides
        case = _case(mapping, reading) if decides else None
        found.append(CandidateMapping(mapping=mapping, tested=tested, case=case, decides=decides))
    return tuple(found)


def _distinct(mappings: Iterable[OidMapping]) -> list[OidMapping]:
    """Return each mapping once; a derived one is made anew each time, and its values have no hash."""
    found: list[OidMapping] = []
    for mapping in mappings:
        if mapping not in found:
            found.append(mapping)
    return found


def _tested(conditions: Sequence[Condition], reading: TrapReading) -> tuple[TestedCondition, ...]:
    values = [reading.value(condition.varbind) for condition in conditions]
    return tuple(
        TestedCondition(condition=condition, value=value, holds=holds(condition, value))
        for condition, value in zip(conditions, values, strict=True)
    )


def _case(mapping: OidMapping, reading: TrapReading) -> int | None:
    for number, case in enumerate(mapping.cases):
        if all(each.holds for each in _tested(case.conditions, reading)):
            return number
    return None


def explain_oid(trap_oid: str, knowledge: Knowledge) -> TrapExplanation:
    """Explain the possible outcomes of a trap by its OID alone; no condition is tested."""
    trap = Trap(version="2c", request_id=0, trap_oid=trap_oid, uptime=None, varbinds=())
    vendor, chosen, named = look_up(trap, None, knowledge.mappings)
    matching = knowledge.mappings.matching(trap_oid, vendor)
    candidates = _distinct((*chosen, *matching))
    decides = next((each for each in candidates if not each.conditions), None)
    return TrapExplanation(
        vendor=vendor,
        candidates=tuple(
            CandidateMapping(mapping=each, tested=(), case=None, decides=each is decides)
            for each in candidates
        ),
        cleared=named,
        reports=(),
    )
