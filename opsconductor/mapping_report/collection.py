"""Messages of the archive by device and alert type; memory is bounded whatever was received."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from opsconductor.mapping_report.seen import SeenReport, SeenTrap
from opsconductor.model.enums import SEVERITY_RANK
from opsconductor.model.event import ArchivedEvent

MOST_GROUPS = 20_000
MOST_RESOURCES = 20_000
"""Resources of one group that are counted separately."""
SAMPLE = 600
"""Messages of one group that are kept, the newest ones."""
MOST_SAMPLED = 40_000
SMALL_SAMPLE = 100
"""Messages that are kept of a group when those of others fill the memory."""
MOST_STEPS = 400
"""Number of notifications about one thing whose order is kept."""
MOST_THINGS = 50_000


class GroupKey(NamedTuple):
    """One alert type of one device; of unmapped traps one trap OID of it.

    Attributes:
        trap_oid: Empty for mapped traps.
    """

    connector: str
    device: str
    alert_type: str
    trap_oid: str


class SampledTrap(NamedTuple):
    """A message that is kept, with the report for which it is kept."""

    event: ArchivedEvent
    seen: SeenTrap
    report: SeenReport


@dataclass(slots=True)
class TypeGroup:
    """The messages of one group.

    Attributes:
        resources: Number of messages by resource.
        clears: Messages that end a problem.
        trap_oids: Number of messages by trap OID.
        sample: The newest messages.
    """

    key: GroupKey
    last_at: datetime
    messages: int = 0
    clears: int = 0
    resources: Counter[str] = field(default_factory=Counter)
    trap_oids: Counter[str] = field(default_factory=Counter)
    sample: list[SampledTrap] = field(default_factory=list)


class Thing(NamedTuple):
    """A device, or a part of it, as the instances or else the identifiers in its traps name it."""

    device: str
    identity: tuple[str, ...]


class TrapStep(NamedTuple):
    """One notification about a thing."""

    at: datetime
    trap_oid: str


@dataclass(slots=True)
class TrapHistory:
    """Everything that the analyses read; filled from the newest event on.

    Attributes:
        messages: Traps that were read.
        not_kept: Further messages that the archive has only counted.
        things: The notifications about each thing, newest first.
        examples: The latest trap of each OID.
        missed_groups: Messages of groups beyond the limit.
    """

    messages: int = 0
    not_kept: int = 0
    missed_groups: int = 0
    groups: dict[GroupKey, TypeGroup] = field(default_factory=dict)
    things: dict[Thing, list[TrapStep]] = field(default_factory=dict)
    examples: dict[str, SampledTrap] = field(default_factory=dict)
    sampled: int = 0

    def add(self, event: ArchivedEvent, seen: SeenTrap | None) -> None:
        """Add an event that is older than all before; None: it cannot be read."""
        self.not_kept += event.sampled_count
        if seen is None:
            return
        self.messages += 1
        for report in seen.reports:
            self._group(event, seen, report)
        if seen.reports:
            first = max(seen.reports, key=lambda report: SEVERITY_RANK[report.severity])
            self.examples.setdefault(seen.trap_oid, SampledTrap(event, seen, first))
            self._step(event, seen, first.device)

    def _group(self, event: ArchivedEvent, seen: SeenTrap, report: SeenReport) -> None:
        oid = seen.trap_oid if report.is_unmapped else ""
        key = GroupKey(event.connector, report.device, report.alert_type, oid)
        group = self.groups.get(key)
        if group is None:
            if len(self.groups) >= MOST_GROUPS:
                self.missed_groups += 1
                return
            group = self.groups[key] = TypeGroup(key, event.received_at)
        group.messages += 1
        group.clears += report.is_clear
        group.trap_oids[seen.trap_oid] += 1
        if report.resource in group.resources or len(group.resources) < MOST_RESOURCES:
            group.resources[report.resource] += 1
        if len(group.sample) < (SAMPLE if self.sampled < MOST_SAMPLED else SMALL_SAMPLE):
            self.sampled += 1
            group.sample.append(SampledTrap(event, seen, report))

    def _step(self, event: ArchivedEvent, seen: SeenTrap, device: str) -> None:
        thing = Thing(device, _named(seen))
        steps = self.things.get(thing)
        if steps is None:
            if len(self.things) >= MOST_THINGS:
                return
            steps = self.things[thing] = []
        if len(steps) < MOST_STEPS:
            steps.append(TrapStep(event.received_at, seen.trap_oid))


def _named(seen: SeenTrap) -> tuple[str, ...]:
    """Return the instances that a trap names, else its identifiers, in any order of variables."""
    rows = {found.value for found in seen.identity if found.facet.is_instance}
    return tuple(sorted(rows or {found.value for found in seen.identity}))
