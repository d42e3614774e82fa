"""What sums of closed alerts are counted from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from opsconductor.store.alerts import listing as alert_list
from opsconductor.store.alerts.conditions import SqlConditions
from opsconductor.store.alerts.filter import AlertFilter, closed_conditions, leading_condition
from opsconductor.store.alerts.planned import SQL, estimate_closed, fetch_planned, sharpened
from opsconductor.store.postgres.connection import translated


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedRows:
    """Closed alerts that match.

    Attributes:
        is_exact: They are all; False: those among the newest `counted`.
        rows: Severity, category, status, priority, address and name of the device of each.
    """

    is_exact: bool
    counted: int
    rows: Sequence[Any]


async def rows_of_closed(pool: asyncpg.Pool, wanted: AlertFilter) -> ClosedRows:
    """Return the matching closed alerts; of many those among the newest."""
    most = 2 * alert_list.SORTED
    with translated():
        wanted = await sharpened(pool, wanted)
        if await estimate_closed(pool, wanted) <= alert_list.SORTED:
            found = closed_conditions(wanted)
            rows = await _rows(pool, found, "alerts_closed", most + 1)
            if len(rows) <= most:
                return ClosedRows(is_exact=True, counted=len(rows), rows=rows)
        found = closed_conditions(wanted)
        leading = leading_condition(wanted, found) or "true"
        newest = SQL["newest_rows"].format(leading=leading, most=found.parameter(alert_list.NEAR))
        rows = await _rows(pool, found, newest, alert_list.NEAR)
        return ClosedRows(is_exact=False, counted=alert_list.NEAR, rows=rows)


async def _rows(pool: asyncpg.Pool, found: SqlConditions, source: str, most: int) -> Sequence[Any]:
    conditions = found.text()
    sql = SQL["summed"].format(source=source, conditions=conditions, most=found.parameter(most))
    return await fetch_planned(pool, sql, found.values)
