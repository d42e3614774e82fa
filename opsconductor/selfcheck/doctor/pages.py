"""The loss ledger in the doctor's report; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from opsconductor.ledger.equations import Gap, LedgerEntry
from opsconductor.store.ledger import NO_CONNECTOR

TURNED_AWAY = ("refused", "undecodable", "duplicate", "discovery", "invalid")
SUMMARIZED = ("summarized",)
UNMATCHED = ("unmatched",)
LOST = ("kernel_drop", "dropped", "failed")
SHOWN = (*LOST, *TURNED_AWAY, *SUMMARIZED, *UNMATCHED)
"""Stages whose reasons are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReason:
    """An amount of one stage for one reason."""

    stage: str
    reason: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorPage:
    """Outcome of the messages of one connector.

    Attributes:
        stages: Amounts of all stages, summed over their reasons.
        reasons: Losses and rejections by stage and reason, largest first.
        gap: Number unaccounted for.
    """

    connector: str
    stages: dict[str, int]
    reasons: Sequence[PageReason]
    gap: int

    @property
    def turned_away(self) -> int:
        """Number of messages rejected or invalid."""
        return sum(self.stages.get(stage, 0) for stage in TURNED_AWAY)

    @property
    def lost(self) -> int:
        """Number of messages known to be lost."""
        return sum(self.stages.get(stage, 0) for stage in LOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPages:
    """The ledger of a period.

    Attributes:
        since: Start of the period; None: the start of the daemon.
        unknown_s: Seconds not counted because the daemon ended without shutdown.
        down_s: Seconds not listened because it was stopped.
    """

    since: datetime | None
    connectors: Sequence[ConnectorPage]
    gaps: Sequence[Gap]
    unknown_s: int = 0
    down_s: int = 0


def pages_of(
    entries: Iterable[LedgerEntry], since: datetime | None, gaps: Sequence[Gap] | None
) -> LedgerPages:
    """Group the ledger by connector.

    Args:
        gaps: The equations that do not hold now; None: those recorded in the ledger.
    """
    entries = list(entries)
    if gaps is None:
        gaps = [Gap(connector=e.connector, equation=e.reason, missing=e.amount) for e in _of(entries, "gap")]
        gaps = [gap for gap in gaps if gap.missing]
    names = sorted({entry.connector for entry in entries if entry.connector != NO_CONNECTOR})
    return LedgerPages(
        since=since,
        connectors=[_page(name, [e for e in entries if e.connector == name], gaps) for name in names],
        gaps=gaps,
        unknown_s=sum(entry.amount for entry in _of(entries, "unknown")),
        down_s=sum(entry.amount for entry in _of(entries, "down")),
    )


def _of(entries: Iterable[LedgerEntry], stage: str) -> Iterable[LedgerEntry]:
    return (entry for entry in entries if entry.stage == stage)


def _page(name: str, entries: Sequence[LedgerEntry], gaps: Iterable[Gap]) -> ConnectorPage:
    stages: dict[str, int] = {}
    for entry in entries:
        stages[entry.stage] = stages.get(entry.stage, 0) + entry.amount
    shown = chain.from_iterable(_of(entries, stage) for stage in SHOWN)
    reasons = [PageReason(stage=e.stage, reason=e.reason, amount=e.amount) for e in shown if e.amount]
    return ConnectorPage(
        connector=name,
        stages=stages,
        reasons=sorted(reasons, key=lambda reason: -reason.amount),
        gap=sum(abs(gap.missing) for gap in gaps if gap.connector == name),
    )
