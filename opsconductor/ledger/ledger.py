"""Loss ledger: the fate of every message, by connector, stage and reason (docs/loss-ledger.md)."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from opsconductor import metrics
from opsconductor.connector.context import Count
from opsconductor.ledger.equations import LEVELS, Gap, LedgerEntry, balance
from opsconductor.ledger.unmatched import UnmatchedClears
from opsconductor.model.changes import UnmatchedClear

MINUTE_S = 60
MOST = 1_440
"""Minutes kept while PostgreSQL is away: a day."""


class Key(NamedTuple):
    """Place of a count."""

    connector: str
    stage: str
    reason: str = ""


class MinuteBucket(NamedTuple):
    """Counts of one minute; the current minute is incomplete."""

    minute: datetime
    amounts: Mapping[Key, int]


class Minutes:
    """Counts by minute, the current one last.

    When more minutes wait than allowed (two at least), the two oldest are merged: their counts can no longer
    be separated by minute, but none is lost.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pages: dict[int, Counter[Key]] = {}

    def __len__(self) -> int:
        """Return the number of minutes that are not completely stored."""
        return len(self._pages)

    def add(self, key: Key, amount: int, now_s: float) -> None:
        """Count something at a time (seconds since 1970)."""
        self._page(now_s)[key] += amount

    def put(self, key: Key, level: int, now_s: float) -> None:
        """Set a level at a time; the last value in a minute counts."""
        page = self._page(now_s)
        if level or key in page:
            page[key] = level

    def pages(self) -> Sequence[MinuteBucket]:
        """Copy all minutes, oldest first."""
        return [
            MinuteBucket(datetime.fromtimestamp(minute * MINUTE_S, UTC), dict(amounts))
            for minute, amounts in sorted(self._pages.items())
        ]

    def forget(self, written: Sequence[MinuteBucket], now_s: float) -> None:
        """Drop minutes that are stored and over; the current one continues."""
        running = int(now_s // MINUTE_S)
        for page in written:
            minute = int(page.minute.timestamp()) // MINUTE_S
            # a clock that was set back counts in old minutes again
            if minute < running and self._pages.get(minute) == page.amounts:
                del self._pages[minute]

    def _page(self, now_s: float) -> Counter[Key]:
        minute = int(now_s // MINUTE_S)
        page = self._pages.get(minute)
        if page is None:
            if len(self._pages) >= self._most:
                self._add_up_oldest()
            page = self._pages[minute] = Counter()
        return page

    def _add_up_oldest(self) -> None:
        """Merge the second oldest minute into the oldest, the only one that may be partly stored."""
        oldest, second = sorted(self._pages)[:2]
        added = self._pages.pop(second)
        page = self._pages[oldest]
        for key, amount in added.items():
            page[key] = amount if key.stage in LEVELS else page[key] + amount


log = logging.getLogger(__name__)

Amounts = Mapping[Key, int]


class Ledger:
    """Counts messages at every stage: as totals since the start, which are metrics, and by minute.

    Attributes:
        minutes: What is not stored in PostgreSQL completely.
        clears: Clears without an open alert that are not stored yet, by what they named.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.minutes = Minutes()
        self.clears = UnmatchedClears()
        self._clock = clock
        self._totals: Counter[Key] = Counter()
        self._gaps: dict[tuple[str, str], int] = {}

    def count(self, connector: str, stage: str, reason: str = "", amount: int = 1) -> None:
        """Add to a stage of a connector; cheap enough for once per batch, not for once per event."""
        self._add(Key(connector, stage, reason), amount)

    def add(self, amounts: Amounts) -> None:
        """Count all outcomes of one batch at once."""
        for key, amount in amounts.items():
            self._add(key, amount)

    def _add(self, key: Key, amount: int) -> None:
        self._totals[key] += amount
        self.minutes.add(key, amount, self._clock())

    def add_unmatched(self, clears: Sequence[UnmatchedClear]) -> None:
        """Count the clears of one batch that ended no alert."""
        if clears:
            self.add(Counter(Key(clear.source_system, "unmatched") for clear in clears))
            self.clears.add(clears, self._clock())

    def counter_of(self, connector: str) -> Count:
        """Return the ledger of one connector."""

        def count(stage: str, reason: str = "", amount: int = 1) -> None:
            self.count(connector, stage, reason, amount)

        return count

    def total(self, connector: str, stage: str) -> int:
        """Return the total of a stage of a connector over all reasons since the start."""
        return sum(amount for key, amount in self._totals.items() if key[:2] == (connector, stage))

    def entries(self) -> Sequence[LedgerEntry]:
        """Return all totals since the start."""
        return [LedgerEntry(*key, amount) for key, amount in self._totals.items()]

    def check(self, levels: Amounts) -> list[Gap]:
        """Check the equations; a difference is recorded in its minute and as a metric.

        Args:
            levels: Number of messages `held` and `waiting` now, by connector.
        """
        now_s = self._clock()
        known = {Key(key.connector, stage) for key in self._totals for stage in LEVELS}
        for key in known | set(levels):
            self.minutes.put(key, levels.get(key, 0), now_s)
        gaps = balance([*self.entries(), *(LedgerEntry(*key, amount) for key, amount in levels.items())])
        self._note({(gap.connector, gap.equation): gap.missing for gap in gaps}, now_s)
        return gaps

    def _note(self, gaps: dict[tuple[str, str], int], now_s: float) -> None:
        for connector, equation in self._gaps | gaps:
            missing = gaps.get((connector, equation), 0)
            growth = missing - self._gaps.get((connector, equation), 0)
            if growth:
                self.minutes.add(Key(connector, "gap", equation), growth, now_s)
                metrics.ledger_gap.labels(connector, equation).set(missing)
        self._gaps = gaps


def outcome_of(handled: Amounts, folded: int, stage: str) -> Counter[Key]:
    """Count the outcome of a batch whose changes are durable.

    Args:
        handled: `normalized`, `invalid`, `reported`, ... by connector.
        folded: Number of alerts that the engine has folded.
        stage: Where the changes are now: `committed` or `spooled`.

    The engine counts all connectors as one. When it folds fewer than were reported, the difference is
    attributed to the connector that reported most.
    """
    outcome = Counter(handled)
    reported = {key.connector: amount for key, amount in handled.items() if key.stage == "reported"}
    missing = sum(reported.values()) - folded
    if missing:
        most = max(reported, key=lambda name: reported[name], default="")
        reported[most] = reported.get(most, 0) - missing
    for connector, amount in reported.items():
        outcome[Key(connector, "folded")] += amount
        outcome[Key(connector, stage)] += amount
    return outcome
