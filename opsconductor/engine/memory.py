"""Short-term memory of the engine beside the alerts: unmatched clears, sent notifications, earlier states."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from opsconductor.engine.agenda import NEVER
from opsconductor.engine.clock import later
from opsconductor.limits import BoundedMap
from opsconductor.model.alert import Alert
from opsconductor.model.notifications.rule import NotificationRule

MOST_CLEARS = 100_000
MOST_PRUNED = 1_000
"""Clears that one step removes: less than a millisecond."""
MOST_NOTICES = 100_000
MOST_EARLIER = 10_000


class ClearMemory:
    """Unmatched clears, for the older problem that may arrive late.

    Attributes:
        until: When the first of them is too old to matter, or earlier.
        find: Returns when the latest clear of a fingerprint occurred, and until when that matters, or None.
    """

    def __init__(self) -> None:
        self.until = NEVER
        self._clears: BoundedMap[str, tuple[datetime, datetime]] = BoundedMap(MOST_CLEARS)
        self.find = self._clears.get

    def remember(self, fingerprint: str, occurred_at: datetime, until: datetime) -> None:
        """Store the latest clear of a fingerprint; beyond the bound the oldest is evicted."""
        known = self._clears.get(fingerprint)
        if known is not None:
            occurred_at = max(occurred_at, known[0])
        self._clears[fingerprint] = (occurred_at, until)
        self.until = min(self.until, until)

    def prune(self, now: datetime) -> None:
        """Remove some of what is too old to matter; the oldest are first, and the rest is next."""
        left = MOST_PRUNED
        while (oldest := self._clears.oldest()) and oldest[1][1] <= now and left:
            del self._clears[oldest[0]]
            left -= 1
        self.until = NEVER if oldest is None else oldest[1][1]

    def clear(self) -> None:
        """Remove everything."""
        self._clears.clear()
        self.until = NEVER


class NoticeMemory:
    """Time and severity of the last notification of each throttled rule and fingerprint."""

    def __init__(self) -> None:
        self._notices: BoundedMap[tuple[UUID, str], tuple[datetime, int]] = BoundedMap(MOST_NOTICES)

    def remember(self, rule: NotificationRule, fingerprint: str, *, at: datetime, rank: int) -> None:
        """Record that a rule with a throttle has notified."""
        self._notices[rule.id, fingerprint] = (at, rank)

    def quiet_until(
        self, rule: NotificationRule, fingerprint: str, *, now: datetime, rank: int
    ) -> datetime | None:
        """Return until when a rule with a throttle is throttled for a fingerprint; None: it may notify.

        A higher severity than the last is never throttled.
        """
        at, sent_rank = self._notices.get((rule.id, fingerprint), (None, 0))
        if at is None or rank > sent_rank:
            return None
        until = later(at, rule.throttle)
        return until if at <= now < until else None

    def prune(self, is_known: Callable[[UUID], bool]) -> None:
        """Remove the entries of rules that no longer exist."""
        for key in [key for key in self._notices if not is_known(key[0])]:
            del self._notices[key]


class EarlierStates:
    """Alerts as they were before a command that can be taken back; empty after a restart."""

    def __init__(self) -> None:
        self._alerts: BoundedMap[UUID, Alert] = BoundedMap(MOST_EARLIER)

    def remember(self, alert: Alert) -> None:
        """Store an alert as it is before the command; beyond the bound the oldest is evicted."""
        self._alerts[alert.id] = alert

    def of(self, alert_id: UUID) -> Alert | None:
        """Return the alert as it was before the last such command; None: that is not known."""
        return self._alerts.get(alert_id)
