"""What was counted in which minute, until it is written down; bounded, and nothing of it gets lost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from opsconductor.ledger.equations import LEVELS

MINUTE_S = 60
MOST = 1_440
"""Minutes that are kept while PostgreSQL is away: a day."""


class Key(NamedTuple):
    """Where something is counted."""

    connector: str
    stage: str
    reason: str = ""


class MinuteBucket(NamedTuple):
    """What was counted in one minute; in the running minute, so far."""

    minute: datetime
    amounts: Mapping[Key, int]


class Minutes:
    """Counts by minute, the running one last.

    When more minutes wait than may (two at least), the two oldest are added up: later nobody can tell
    which of the two it was, but no message is forgotten.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pages: dict[int, Counter[Key]] = {}

    def __len__(self) -> int:
        """Minutes that are not written down for good."""
        return len(self._pages)

    def add(self, key: Key, amount: int, now_s: float) -> None:
        """Count something at a time (seconds since 1970)."""
        self._page(now_s)[key] += amount

    def put(self, key: Key, level: int, now_s: float) -> None:
        """Note how many there are at a time; in a minute the last word counts."""
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
        """Drop minutes that are written down and over; the running one goes on."""
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
        """Add the second oldest minute to the oldest, which alone may be written down in part."""
        oldest, second = sorted(self._pages)[:2]
        added = self._pages.pop(second)
        page = self._pages[oldest]
        for key, amount in added.items():
            page[key] = amount if key.stage in LEVELS else page[key] + amount
