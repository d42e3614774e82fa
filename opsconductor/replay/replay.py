"""Replay of past raw events and operators' commands, with the engine's time taken from them; pure.

The replay starts empty: alerts that were open at that time are not known.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from opsconductor.connector.interface import Source
from opsconductor.engine.engine import Engine
from opsconductor.errors import CommandError, DecodeError, NormalizeError
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.command import Acknowledge, Operator, Resolve, Unacknowledge
from opsconductor.model.enums import Category, HistoryAction, NotificationKind
from opsconductor.model.event import ArchivedEvent, RawEvent
from opsconductor.model.identified import IdentifiedReport, IdentifiedSnapshot
from opsconductor.model.normalized import NormalizedAlert, Snapshot, bounded
from opsconductor.pipeline.device_memory import PortNames


class ReplayNotice(NamedTuple):
    """A notification that would have been sent: its alert, rule, recipient and reason."""

    alert_id: UUID
    rule: str
    channel: str
    recipient: str
    kind: NotificationKind


class UnmappedTrap(NamedTuple):
    """An unmapped report: its kind, its subject (for a trap the OID), its device."""

    connector: str
    alert_type: str
    resource: str
    device_ip: str | None
    device_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCommand:
    """A command of an operator that was executed.

    Attributes:
        action: Acknowledged, unacknowledged or resolved.
        fingerprint: Of the alert, whose id is another one in a replay.
    """

    at: datetime
    action: HistoryAction
    fingerprint: str
    operator: str


COMMANDS: Mapping[HistoryAction, type[Acknowledge | Unacknowledge | Resolve]] = {
    HistoryAction.ACKNOWLEDGED: Acknowledge,
    HistoryAction.UNACKNOWLEDGED: Unacknowledge,
    HistoryAction.RESOLVED: Resolve,
}


@dataclass(slots=True)
class Outcome:
    """Result of a replay.

    Attributes:
        events: Number of replayed events.
        not_kept: Number of further events that the archive has only counted.
        no_connector: Events of connectors that are not configured now, by name.
        undecodable: Events that cannot be decoded, by connector and reason.
        alerts: Every alert in its last state, by its id in this replay.
        unmatched: Number of clears without an open alert.
        commands: Number of commands of operators that were executed again.
    """

    events: int = 0
    not_kept: int = 0
    no_connector: Counter[str] = field(default_factory=Counter)
    undecodable: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmapped: Counter[UnmappedTrap] = field(default_factory=Counter)
    alerts: dict[UUID, Alert] = field(default_factory=dict)
    notices: Counter[ReplayNotice] = field(default_factory=Counter)
    unmatched: int = 0
    commands: int = 0

    def keep(self, changes: Changes) -> None:
        """Keep alerts and notifications of a step."""
        for alerts in (changes.created, changes.updated, changes.repeated):
            for alert in alerts:
                self.alerts[alert.id] = alert
        for intent in changes.notifications:
            notice = ReplayNotice(
                intent.alert_id, intent.rule_name, intent.channel, intent.recipient, intent.kind
            )
            self.notices[notice] += 1


class Replay:
    """One pass through the past.

    Args of the constructor:
        sources: By connector name; only their `normalize` is called.
        engine: A new one.
        begin: Start of the span.
        note: Called with the changes of each step in place of `Outcome.keep`, which keeps every alert.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        inventory: InventorySnapshot,
        engine: Engine,
        begin: datetime,
        *,
        note: Callable[[Changes], None] | None = None,
    ) -> None:
        self.outcome = Outcome()
        self._keep = note or self.outcome.keep
        self._commands: deque[PastCommand] = deque()
        self._sources = sources
        self._inventory = inventory
        self._engine = engine
        self._ports = PortNames()
        engine.load((), begin)

    def play(self, events: Sequence[ArchivedEvent], commands: Sequence[PastCommand] = ()) -> None:
        """Process the next events, in order of their reception; those of one moment together.

        Args:
            commands: In order; those later than the last event are executed by the next call.
        """
        self._commands.extend(commands)
        for received_at, together in groupby(events, attrgetter("received_at")):
            self.pass_time(received_at)
            said = [each for event in together for each in self._said(event)]
            reports = [each for each in said if not isinstance(each, Snapshot)]
            if reports:
                self._note(self._engine.apply(self._identified(reports), received_at))
            for each in said:
                if isinstance(each, Snapshot):
                    self._reconcile(each, received_at)

    def pass_time(self, until: datetime) -> None:
        """Execute all commands until then, and run all timers that are due."""
        while self._commands and self._commands[0].at <= until:
            command = self._commands.popleft()
            self._tick(command.at)
            self._execute(command)
        self._tick(until)

    def _execute(self, past: PastCommand) -> None:
        """Execute a command again, unless the alert of this replay does not allow it."""
        alert = self._engine.open.get(past.fingerprint)
        if alert is None:
            return
        command = COMMANDS[past.action](alert_id=alert.id, operator=Operator(name=past.operator))
        try:
            self._note(self._engine.command(command, past.at))
        except CommandError:
            return
        self.outcome.commands += 1

    def _tick(self, until: datetime) -> None:
        due = self._engine.next_due()
        while due is not None and due <= until:
            self._note(self._engine.tick(due))
            before, due = due, self._engine.next_due()
            if due is not None and due <= before:
                return

    def _said(self, event: ArchivedEvent) -> Iterator[NormalizedAlert | Snapshot]:
        """Normalize an event again; one that fails is counted."""
        self.outcome.not_kept += event.sampled_count
        if event.payload is None:
            return
        self.outcome.events += 1
        source = self._sources.get(event.connector)
        if source is None:
            self.outcome.no_connector[event.connector] += 1
            return
        raw = RawEvent(event.connector, event.payload, event.received_at, event.peer, event.local)
        try:
            said = bounded(source.normalize(raw), raw.received_at)
        except (DecodeError, NormalizeError) as error:
            self.outcome.undecodable[event.connector, error.reason] += 1
            return
        yield from (said,) if isinstance(said, Snapshot) else said

    def _identified(self, reports: Sequence[NormalizedAlert]) -> list[IdentifiedReport]:
        """Identify the devices of reports, and count unmapped ones."""
        found = identify(reports, self._inventory)
        for each in found:
            report = each.report
            if report.category is Category.UNKNOWN:
                name = UnmappedTrap(
                    report.source_system,
                    report.alert_type,
                    report.resource.partition(" ")[0],
                    each.device_ip,
                    each.device_name,
                )
                self.outcome.unmapped[name] += 1
        return self._ports.fill(found)

    def _reconcile(self, snapshot: Snapshot, now: datetime) -> None:
        found = tuple(self._identified(snapshot.alerts))
        listed = IdentifiedSnapshot(scope=snapshot.scope, alerts=found, taken_at=snapshot.taken_at)
        self._note(self._engine.reconcile(listed, now))

    def _note(self, changes: Changes) -> None:
        self.outcome.unmatched += len(changes.unmatched_clears)
        self._keep(changes)
