"""Updates of status, last error and counts in the rows of `connectors`."""

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial

from opsconductor import metrics
from opsconductor.connector.interface import Role
from opsconductor.connector.supervise import ConnectorHealth, Report
from opsconductor.errors import StoreError
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.masking import known_secrets
from opsconductor.model.text import storable_text
from opsconductor.store.configuration import ConnectorNews, save_connector_status
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

SAVE_EVERY_S = 5.0


class StatusKeeper:
    """Collects the status reports of supervisors and stores them every few seconds."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._reported: dict[str, tuple[ConnectorStatus, str | None]] = {}
        self._saved_counts: dict[str, int] = {}
        self._health: dict[str, ConnectorHealth] = {}
        self._polled_at: dict[str, datetime] = {}
        self._worked_at: dict[str, datetime] = {}
        self._left: set[str] = set()
        self._saving = asyncio.Lock()

    def health_of(self, name: str, role: Role) -> ConnectorHealth:
        """Return the health object of a connector for its supervisor."""
        health = ConnectorHealth(
            name,
            self.report_of(name),
            report_polling=partial(self.polls, name),
            has_alerts=role is Role.SOURCE,
        )
        self._health[name] = health
        return health

    def polls(self, name: str) -> None:
        """Record that a poller starts a poll."""
        self._polled_at[name] = datetime.now(UTC)

    def report_of(self, name: str) -> Report:
        """Return the function by which a supervisor reports."""
        return partial(self.report, name)

    def report(self, name: str, status: ConnectorStatus, error: str | None) -> None:
        """Record the status of a connector and, when it fails, the reason."""
        self._left.discard(name)
        self._reported[name] = (status, None if error is None else known_secrets.hide(storable_text(error)))
        is_up = status in (ConnectorStatus.CONNECTED, ConnectorStatus.DEGRADED)
        if is_up:
            self._worked_at[name] = datetime.now(UTC)
        metrics.connector_up.labels(name).set(is_up)

    def keep_only(self, configured: Collection[str]) -> None:
        """Forget removed or disabled connectors, whose rows no longer change."""
        for name in self._reported.keys() - set(configured):
            del self._reported[name]
            self._health.pop(name, None)
            self._polled_at.pop(name, None)
            self._worked_at.pop(name, None)
            metrics.connector_up.remove(name)
            self._left.add(name)

    def now(self) -> dict[str, tuple[ConnectorStatus, str | None]]:
        """Return the present status and error of every connector."""
        return dict(self._reported)

    def unreported(self) -> dict[str, tuple[ConnectorStatus, str | None]]:
        """Return the same for connectors that do not report their failures by alerts of their own."""
        reported = {name for name, health in self._health.items() if health.is_reported}
        return {name: state for name, state in self._reported.items() if name not in reported}

    async def save_all(self, pool: Pool) -> None:
        """Store the status of every connector; one call at a time, or counts would be added twice."""
        async with self._saving:
            for name, (status, error) in self.now().items():
                await self._save(pool, name, status, error)
            for name in list(self._left):
                await self._save(pool, name, ConnectorStatus.DISCONNECTED, None)
                self._left.discard(name)

    async def keep(self, pool: Pool) -> None:
        """Store changes of status, until cancelled."""
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            try:
                await self.save_all(pool)
            except StoreError as error:
                log.debug("connector status could not be saved", extra={"error": str(error)})

    async def _save(self, pool: Pool, name: str, status: ConnectorStatus, error: str | None) -> None:
        """Store status and counts of a connector."""
        now = datetime.now(UTC)
        # a connected listener works at every moment, a poller at the time of its last answer
        is_listening = name not in self._polled_at and status is ConnectorStatus.CONNECTED
        total = self._ledger.total(name, "normalized")
        news = ConnectorNews(
            status=status,
            error_message=error,
            received=total - self._saved_counts.get(name, 0),
            polled_at=self._polled_at.get(name),
            succeeded_at=now if is_listening else self._worked_at.get(name),
            at=now,
        )
        await save_connector_status(pool, name, news)
        self._saved_counts[name] = total
