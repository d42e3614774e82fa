"""Alerts on storms; an alert whose storm is over clears by itself."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from opsconductor.app.status.system_info import host_name
from opsconductor.connector.interface import Emit
from opsconductor.flood.limiter import FloodLimiter
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.selfcheck.watch.source import storms_of
from opsconductor.selfcheck.watch.trouble import SOURCE_SYSTEM

LOOK_EVERY_S = 1.0
REFRESH_S = 5.0
"""Interval at which the numbers of a continuing storm are updated."""


Known = frozenset[tuple[str | None, ...]]


async def watch_storms(budget: FloodLimiter, ledger: Ledger, emit: Emit) -> None:
    """Emit a snapshot whenever a storm begins, worsens or ends, until cancelled.

    The first one ends the alerts of an earlier run.
    """
    host, reported_s = host_name(), 0.0
    reported: Known | None = None
    while True:
        reports, now_s = budget.storms(datetime.now(UTC)), time.monotonic()
        news = _names(reports)
        if news != reported or (news and now_s - reported_s >= REFRESH_S):
            ledger.count(SOURCE_SYSTEM, "received")
            await emit([storms_of(reports, host)])
            reported, reported_s = news, now_s
        await asyncio.sleep(LOOK_EVERY_S)


def _names(reports: Iterable[NormalizedAlert]) -> Known:
    return frozenset((each.alert_type, each.device_ip, each.device_name, each.severity) for each in reports)
