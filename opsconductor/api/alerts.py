"""Alerts to read: lists, one alert with its story, why people were told or not, sums."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiohttp import web

from opsconductor.api.endpoint import Call
from opsconductor.api.envelope import answer
from opsconductor.api.parameters import AlertListParameters
from opsconductor.api.views import (
    AlertDetail,
    AlertView,
    DeliveryView,
    HistoryView,
    SummaryView,
    ToldView,
    WhyView,
)
from opsconductor.errors import AlertNotFound
from opsconductor.model.enums import OPEN_STATUSES, Severity, Status
from opsconductor.store import alerts as store
from opsconductor.store.alerts import AlertFilter, Row
from opsconductor.store.connection import Pool

COUNTED_AT_MOST = 100_000
"""Beyond this many matches `meta.total` says so much, and `meta.total_is_exact` is false."""
SHOWN_CONSEQUENCES = 50


async def list_alerts(call: Call) -> web.Response:
    """Answer one page of alerts and how many there are."""
    wanted: AlertListParameters = call.query
    conditions = wanted.filter()
    rows, total = await asyncio.gather(
        store.list_alerts(
            call.parts.pool,
            conditions,
            sort=wanted.sort,
            limit=wanted.per_page,
            offset=(wanted.page - 1) * wanted.per_page,
        ),
        store.count_alerts(call.parts.pool, conditions, at_most=COUNTED_AT_MOST + 1),
    )
    meta = {
        "page": wanted.page,
        "per_page": wanted.per_page,
        "total": min(total, COUNTED_AT_MOST),
        "total_is_exact": total <= COUNTED_AT_MOST,
    }
    return answer(views_of(rows), meta=meta)


async def get_alert(call: Call) -> web.Response:
    """Answer one alert with history, cause and consequences."""
    row = await require(call.parts.pool, call.id)
    history, cause, consequences = await asyncio.gather(
        store.get_history(call.parts.pool, call.id),
        _cause_of(call.parts.pool, row),
        _consequences_of(call.parts.pool, call.id),
    )
    story: dict[str, Any] = {
        "history": [dict(entry) for entry in history],
        "cause": cause,
        "consequences": views_of(consequences),
    }
    return answer(AlertDetail.model_validate({**row, **story}))


async def explain(call: Call) -> web.Response:
    """Answer why people were told of an alert, or were not."""
    row = await require(call.parts.pool, call.id)
    history, deliveries, cause = await asyncio.gather(
        store.get_history(call.parts.pool, call.id),
        store.get_deliveries(call.parts.pool, call.id),
        _cause_of(call.parts.pool, row),
    )
    return answer(
        WhyView(
            status=row["status"],
            cause=cause,
            correlation_rule=row["correlation_rule"],
            notify_at=row["notify_at"],
            flapping_since=row["flapping_since"],
            decisions=[
                HistoryView.model_validate(dict(entry)) for entry in history if "routing" in entry["changes"]
            ],
            notified=[ToldView.model_validate(told) for told in row["notified"]],
            deliveries=[DeliveryView.model_validate(dict(delivery)) for delivery in deliveries],
        )
    )


async def summarize(call: Call) -> web.Response:
    """Answer how many alerts are open, by status and by severity."""
    by_severity = {severity: dict.fromkeys(_OPEN, 0) for severity in Severity}
    for row in await store.summarize(call.parts.pool):
        by_severity[Severity(row["severity"])][Status(row["status"])] = row["amount"]
    by_status = {status: sum(amounts[status] for amounts in by_severity.values()) for status in _OPEN}
    return answer(SummaryView(status=by_status, severity=by_severity))


async def require(pool: Pool, alert_id: UUID) -> Row:
    """Read an alert that must be there.

    Raises:
        AlertNotFound: It is not.
    """
    row = await store.get_alert(pool, alert_id)
    if row is None:
        raise AlertNotFound(f"there is no alert {alert_id}")
    return row


def views_of(rows: Sequence[Row]) -> list[AlertView]:
    """Turn rows of the store into what lists show."""
    return [AlertView.model_validate(dict(row)) for row in rows]


_OPEN = tuple(status for status in Status if status in OPEN_STATUSES)


async def _cause_of(pool: Pool, row: Row) -> AlertView | None:
    if row["correlated_to_id"] is None:
        return None
    cause = await store.get_alert(pool, row["correlated_to_id"])
    return None if cause is None else AlertView.model_validate(dict(cause))


async def _consequences_of(pool: Pool, alert_id: UUID) -> Sequence[Row]:
    wanted = AlertFilter(correlated_to_id=(alert_id,), status=(Status.SUPPRESSED,))
    return await store.list_alerts(
        pool, wanted, sort=("-severity", "-occurred_at"), limit=SHOWN_CONSEQUENCES, offset=0
    )
