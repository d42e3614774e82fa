"""Sums of closed alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from opsconductor.store.alerts import listing as alert_list
from opsconductor.store.alerts.filter import AlertFilter, closed_conditions, leading_condition
from opsconductor.store.alerts.listing import SQL, estimate_closed, fetch_planned
from opsconductor.store.postgres.connection import translated


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedSums:
    """Numbers of closed alerts.

    Attributes:
        rows: Each with its `amount`: `severity category status priority device_ip device_name`.
        is_exact: All that match are counted; False: those among the newest `counted`.
    """

    rows: Sequence[Mapping[str, Any]]
    is_exact: bool
    counted: int


async def sum_closed(pool: asyncpg.Pool, wanted: AlertFilter) -> ClosedSums:
    """Count the matching closed alerts; of many those among the newest."""
    with translated():
        is_exact = await estimate_closed(pool, wanted) <= alert_list.SORTED
        found = closed_conditions(wanted)
        source = "alerts_closed"
        if not is_exact:
            leading = leading_condition(wanted, found) or "true"
            most = found.parameter(alert_list.NEAR)
            source = SQL["newest_rows"].format(leading=leading, most=most)
        sql = SQL["sums"].format(source=source, conditions=found.text())
        rows = await fetch_planned(pool, sql, found.values)
    return ClosedSums(rows=rows, is_exact=is_exact, counted=alert_list.NEAR)
