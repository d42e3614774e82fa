"""Plots of anomalies as PNG, for messages about their alerts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from opsconductor.datasets.picture import png_of
from opsconductor.guard import guarded
from opsconductor.model.measured.anomaly import drawn_series
from opsconductor.model.notifications.notification import AttachedFile
from opsconductor.store.anomalies.listing import find_anomaly
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

DRAWN_WITHIN_S: Final = 5.0
"""Seconds that a message waits for its plot; then it is sent without it."""


class AnomalyPictures:
    """Draws the plot of the anomaly that an alert is about.

    Args of the constructor:
        plot: Returns an SVG document of a row of `anomalies`.
    """

    def __init__(self, pool: Pool, plot: Callable[[Mapping[str, Any]], Awaitable[str]]) -> None:
        self._pool = pool
        self._plot = plot

    async def of(self, facts: Mapping[str, object]) -> AttachedFile | None:
        """Return the plot that belongs to the facts of an alert.

        None if it is about no anomaly, or the plot cannot be drawn: a message is sent without it then.
        """
        custom_fields = facts.get("custom_fields")
        written = custom_fields.get("anomaly_id") if isinstance(custom_fields, Mapping) else None
        if not isinstance(written, str):
            return None
        picture = None
        with guarded() as drawing:
            async with asyncio.timeout(DRAWN_WITHIN_S):
                picture = await self._drawn(UUID(written))
        if drawing.error is not None:
            error = f"{type(drawing.error).__name__}: {drawing.error}"
            log.warning(
                "the plot of an anomaly cannot be drawn, its message is sent without", extra={"error": error}
            )
        return picture

    async def _drawn(self, anomaly_id: UUID) -> AttachedFile | None:
        row = await find_anomaly(self._pool, anomaly_id)
        if row is None or drawn_series(row["series_id"], row["explanation"]) is None:
            return None
        content = await asyncio.to_thread(png_of, await self._plot(row))
        return AttachedFile(
            name=f"anomaly-{str(anomaly_id)[:8]}.png", media_type="image/png", content=content
        )
