"""Sums of closed alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from opsconductor.store.alerts import listing as alert_list
from opsconductor.store.alerts.filter import AlertFilter, closed_conditions, leading_condition
from opsconductor.store.alerts.listing import SQL, estimate_closed, fetch_planned, sharpened
from opsconductor.store.postgres.connection import translated

COLUMNS = ("severity", "category", "status", "priority")
"""Columns by whose values alerts are counted, in the order of the statement."""
LEFT_OUT = {0b10111: "severity", 0b11011: "category", 0b11101: "status", 0b11110: "priority"}
"""The column of a row by its `left_out`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedSums:
    """Numbers of closed alerts.

    Attributes:
        is_exact: All that match are counted; False: those among the newest `counted`.
        values: By column, by value.
        devices: By address, name and severity.
    """

    is_exact: bool
    counted: int
    values: Mapping[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in COLUMNS})
    devices: dict[tuple[str | None, str | None, str], int] = field(default_factory=dict)


async def sum_closed(pool: asyncpg.Pool, wanted: AlertFilter) -> ClosedSums:
    """Count the matching closed alerts; of many those among the newest."""
    with translated():
        wanted = await sharpened(pool, wanted)
        is_exact = await estimate_closed(pool, wanted) <= alert_list.SORTED
        found = closed_conditions(wanted)
        source = "alerts_closed"
        if not is_exact:
            leading = leading_condition(wanted, found) or "true"
            most = found.parameter(alert_list.NEAR)
            source = SQL["newest_rows"].format(leading=leading, most=most)
        sql = SQL["sums"].format(source=source, conditions=found.text())
        rows = await fetch_planned(pool, sql, found.values)
    sums = ClosedSums(is_exact=is_exact, counted=alert_list.NEAR)
    for left_out, value, address, name, amount in rows:
        if (column := LEFT_OUT.get(left_out)) is not None:
            sums.values[column][value] = amount
        else:
            sums.devices[address, name, value] = amount
    return sums
