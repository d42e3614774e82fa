"""Reports what became an alert, and its end, to the pipeline, and notes what that has committed."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from opsconductor.app.detecting.source import MeasurementSource, event_of
from opsconductor.connector.interface import Emit
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.measured.anomaly import AlertState
from opsconductor.store.anomalies.rows import ReportedAnomaly, Row, note_reported, rows_to_report
from opsconductor.store.postgres.connection import Pool

MOST_AT_ONCE: Final = 200
COMMIT_WITHIN_S: Final = 30.0
"""Longer than a commit may take; a report that is not committed by then is made again."""


class AnomalyReporter:
    """Brings the alerts into line with `anomalies.alert_state`.

    Args of the constructor:
        emit: The intake.
        inventory: Returns the present inventory.
        open_alerts: Returns the open alerts by fingerprint.
    """

    def __init__(
        self,
        pool: Pool,
        emit: Emit,
        inventory: Callable[[], InventorySnapshot],
        open_alerts: Callable[[], Mapping[str, Alert]],
    ) -> None:
        self._pool = pool
        self._emit = emit
        self._inventory = inventory
        self._open_alerts = open_alerts
        self._source = MeasurementSource()

    async def report(self) -> int:
        """Report everything that waits; return how many.

        Raises:
            StoreUnavailable: PostgreSQL is away; what is not noted is reported again.
        """
        total = 0
        while rows := await rows_to_report(self._pool, MOST_AT_ONCE):
            if not await self._commit(rows):
                break
            total += len(rows)
            await note_reported(self._pool, self._noted(rows))
        return total

    async def _commit(self, rows: list[Row] | Any) -> bool:
        """Pass the reports to the pipeline; return False if they are not committed in time."""
        committed = asyncio.Event()
        event = event_of(rows, datetime.now(UTC))
        await self._emit([event._replace(on_commit=committed.set)])
        try:
            async with asyncio.timeout(COMMIT_WITHIN_S):
                await committed.wait()
        except TimeoutError:
            return False
        return True

    def _noted(self, rows: Any) -> list[ReportedAnomaly]:
        reports = self._source.normalize(event_of(rows, datetime.now(UTC)))
        known = self._open_alerts()
        found = identify(reports, self._inventory())
        return [
            ReportedAnomaly(
                row["id"], row["detected_at"], AlertState(row["alert_state"]), _id(known, each.fingerprint)
            )
            for row, each in zip(rows, found, strict=True)
        ]


def _id(known: Mapping[str, Alert], fingerprint: str) -> UUID | None:
    alert = known.get(fingerprint)
    return None if alert is None else alert.id
