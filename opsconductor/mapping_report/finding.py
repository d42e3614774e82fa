"""A mapping whose resource expression merges several faults, or splits one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from opsconductor.mapping_report.collection import TypeGroup
from opsconductor.mapping_report.facets import Facet
from opsconductor.mapping_report.proposal import Proposal
from opsconductor.mapping_report.replayed import ProposalPreview
from opsconductor.model.event import ArchivedEvent

EXAMPLES = 3


class FindingKind(StrEnum):
    """Fault of a resource expression."""

    OVER_MERGE = "over_merge"
    OVER_SPLIT = "over_split"


@dataclass(frozen=True, slots=True, kw_only=True)
class VaryingVariable:
    """A variable that varies from message to message.

    Attributes:
        facet: None: it is a part of a text that no variable names.
        values: Number of different values.
        examples: Some of them.
        why: What it looks like: `an identifier`, `a time`.
    """

    facet: Facet | None
    name: str
    values: int
    examples: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFinding:
    """One mapping that merges or splits, on one device or several.

    Attributes:
        trap_oids: Those that report the alert type.
        messages: Messages that are concerned, as far as they were read.
        alerts: Number of faults that are distinguished at present.
        proposal: None: nothing can be proposed safely; `note` says why.
        preview: None: there was no time for it, or there is no proposal.
        events: The messages that are kept of it.
    """

    kind: FindingKind
    alert_type: str
    trap_oids: tuple[str, ...]
    devices: tuple[str, ...]
    messages: int
    alerts: int
    varying: tuple[VaryingVariable, ...]
    note: str = ""
    proposal: Proposal | None = None
    preview: ProposalPreview | None = None
    events: tuple[ArchivedEvent, ...] = ()


def joined(findings: Iterable[ResourceFinding]) -> list[ResourceFinding]:
    """Join what is proposed alike for several devices; most messages first."""
    together: dict[tuple[object, ...], ResourceFinding] = {}
    for each in findings:
        key = (each.kind, each.alert_type, each.proposal.id if each.proposal else each.trap_oids, each.note)
        known = together.get(key)
        together[key] = each if known is None else _both(known, each)
    return sorted(together.values(), key=lambda each: (-each.messages, each.alert_type))


def _both(one: ResourceFinding, other: ResourceFinding) -> ResourceFinding:
    main = max(one, other, key=lambda each: each.messages)
    return replace(
        main,
        devices=tuple(dict.fromkeys((*one.devices, *other.devices))),
        messages=one.messages + other.messages,
        alerts=one.alerts + other.alerts,
        events=(*one.events, *other.events),
    )


def events_of(group: TypeGroup) -> tuple[ArchivedEvent, ...]:
    """Return the messages that are kept of a group, each once."""
    return tuple({each.event.id: each.event for each in group.sample}.values())


def varying(facet: Facet, values: Sequence[str], why: str) -> VaryingVariable:
    """Return a facet with its different values."""
    different = list(dict.fromkeys(values))
    return VaryingVariable(
        facet=facet, name=facet.shown, values=len(different), examples=tuple(different[:EXAMPLES]), why=why
    )
