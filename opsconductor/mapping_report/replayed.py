"""Preview of a proposal: the messages behind it, decided by the present and by the proposed mappings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from opsconductor.connector.interface import Source
from opsconductor.engine.engine import Engine
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import Status
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.mappings.mapping import OidMapping
from opsconductor.model.mappings.table import MappingTable
from opsconductor.replay.replay import Replay

SourcesOf = Callable[[MappingTable], Mapping[str, Source]]
"""Builds the sources with another table of mappings."""

MOST_EVENTS = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewCount:
    """Outcome of messages.

    Attributes:
        ended: Alerts that a clear has ended.
        unmatched: Clears that end nothing.
    """

    alerts: int
    ended: int
    unmatched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPreview:
    """Outcome of messages with the mappings in force, and with those proposed."""

    messages: int
    present: PreviewCount
    proposed: PreviewCount

    @property
    def text(self) -> str:
        """The preview as a sentence."""
        now, then = self.present, self.proposed
        text = f"these {self.messages:,} messages would be {_alerts(then.alerts)}, now {now.alerts:,}"
        ended = f"{then.ended:,} of them ended by a clear, now {now.ended:,}"
        return f"{text}; {ended}" if then.ended or now.ended else text


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewStage:
    """Replays messages with other mappings.

    Attributes:
        engine: Makes a new engine.
    """

    table: MappingTable
    sources_of: SourcesOf
    inventory: InventorySnapshot
    engine: Callable[[], Engine]

    def preview(self, events: Sequence[ArchivedEvent], mappings: Sequence[OidMapping]) -> ProposalPreview:
        """Replay messages with the present mappings, and with others in place of those for the same traps."""
        ordered = sorted(events, key=lambda event: (event.received_at, event.id))[-MOST_EVENTS:]
        return ProposalPreview(
            messages=len(ordered),
            present=self._count(ordered, self.table),
            proposed=self._count(ordered, self.table.overridden(mappings)),
        )

    def _count(self, events: Sequence[ArchivedEvent], table: MappingTable) -> PreviewCount:
        if not events:
            return PreviewCount(alerts=0, ended=0, unmatched=0)
        replay = Replay(self.sources_of(table), self.inventory, self.engine(), events[0].received_at)
        replay.play(events)
        replay.pass_time(events[-1].received_at + timedelta(seconds=1))
        alerts = replay.outcome.alerts.values()
        return PreviewCount(
            alerts=len(alerts),
            ended=sum(alert.status is Status.RESOLVED for alert in alerts),
            unmatched=replay.outcome.unmatched,
        )


def _alerts(number: int) -> str:
    return f"{number:,} alert{'' if number == 1 else 's'}"
