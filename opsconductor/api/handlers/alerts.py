"""Alerts to read: lists, one alert with its story, why people were told or not, sums.

PostgreSQL answers while it has the newest state, else the engine does: see `engine_reads.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from aiohttp import web

from opsconductor.api import engine_reads
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import AlertListParameters
from opsconductor.api.http.responses import answer
from opsconductor.api.views import (
    AlertDetail,
    AlertView,
    DeliveryView,
    HistoryView,
    SummaryView,
    ToldView,
    View,
    WhyView,
)
from opsconductor.errors import AlertNotFound, StoreUnavailable
from opsconductor.model.enums import OPEN_STATUSES, Severity, Status
from opsconductor.store import alerts as store
from opsconductor.store.alerts import AlertFilter, Row

COUNTED_AT_MOST = 100_000
"""Beyond this many matches `meta.total` says so much, and `meta.total_is_exact` is false."""

Found = TypeVar("Found")
Shown = TypeVar("Shown", bound=View)


async def list_alerts(call: Call) -> web.Response:
    """Answer one page of alerts and how many there are."""
    wanted: AlertListParameters = call.query
    is_asked = _is_newest(call) or _is_past(wanted)
    (rows, total), source = await _either(call, _stored_page, engine_reads.live_page, is_asked=is_asked)
    meta = {
        "page": wanted.page,
        "per_page": wanted.per_page,
        "total": min(total, COUNTED_AT_MOST),
        "total_is_exact": total <= COUNTED_AT_MOST,
        **engine_reads.origin_of(call.parts.database.status(), source),
    }
    return answer(views_of(rows), meta=meta)


async def get_alert(call: Call) -> web.Response:
    """Answer one alert with history, cause and consequences."""
    return await _newest(call, _stored_detail, engine_reads.live_detail, past=("history", "raw_data"))


async def explain(call: Call) -> web.Response:
    """Answer why people were told of an alert, or were not."""
    return await _newest(call, _stored_why, engine_reads.live_why, past=("decisions", "deliveries"))


async def summarize(call: Call) -> web.Response:
    """Answer how many alerts are open, by status and by severity."""
    summary, source = await _either(
        call, _stored_summary, engine_reads.live_summary, is_asked=_is_newest(call)
    )
    return answer(summary, meta=engine_reads.origin_of(call.parts.database.status(), source))


async def stored_alert(call: Call) -> Row:
    """Read the alert in the path, which must be there.

    Raises:
        AlertNotFound: It is not.
        StoreUnavailable: The database is away.
    """
    row = await call.parts.database.ask(store.get_alert, call.id)
    if row is None:
        raise AlertNotFound(f"there is no alert {call.id}")
    return row


def views_of(found: Sequence[object]) -> list[AlertView]:
    """Turn rows of the store, or alerts of the engine, into what lists show."""
    return [AlertView.model_validate(each) for each in found]


async def _either(
    call: Call,
    read: Callable[[Call], Awaitable[Found]],
    recall: Callable[[Call], Awaitable[Found]],
    *,
    is_asked: bool,
) -> tuple[Found, engine_reads.Source]:
    """Answer from the database if it is to be asked and answers, else from the engine."""
    if is_asked:
        with suppress(StoreUnavailable):
            return await read(call), "database"
    return await recall(call), "engine"


async def _newest(
    call: Call,
    read: Callable[[Call], Awaitable[Shown]],
    recall: Callable[[Call], Awaitable[Shown | None]],
    *,
    past: Sequence[str],
) -> web.Response:
    """Answer from the database; when it has not the newest state, from the engine.

    Args:
        read: Reads it from the database.
        recall: Makes it of what the engine knows.
        past: What the engine does not know, taken from the database whenever that answers.
    """
    is_newest = _is_newest(call)
    try:
        stored = await read(call)
    except (StoreUnavailable, AlertNotFound):
        shown = await recall(call)
        if shown is None:
            raise
    else:
        now = None if is_newest else await recall(call)
        if now is None:
            return answer(stored, meta=engine_reads.origin_of(call.parts.database.status(), "database"))
        shown = now.model_copy(update={name: getattr(stored, name) for name in past})
    return answer(shown, meta=engine_reads.origin_of(call.parts.database.status(), "engine"))


def _is_newest(call: Call) -> bool:
    """Tell whether the database has all that the engine knows."""
    return call.parts.database.status().state == "connected"


def _is_past(wanted: AlertListParameters) -> bool:
    """Tell whether only closed alerts are wanted, of which the engine knows few."""
    return bool(wanted.status) and not OPEN_STATUSES.intersection(wanted.status)


async def _stored_page(call: Call) -> tuple[Sequence[object], int]:
    wanted: AlertListParameters = call.query
    database, conditions = call.parts.database, wanted.filter()
    is_open = bool(wanted.status) and OPEN_STATUSES.issuperset(wanted.status)
    # a search through years of closed alerts takes its time, and nobody else can answer it
    ask = database.ask if is_open else database.ask_long
    rows, total = await asyncio.gather(
        ask(
            store.list_alerts,
            conditions,
            sort=wanted.order,
            limit=wanted.per_page,
            offset=(wanted.page - 1) * wanted.per_page,
        ),
        ask(store.count_alerts, conditions, at_most=COUNTED_AT_MOST + 1),
    )
    return [dict(row) for row in rows], total


async def _stored_detail(call: Call) -> AlertDetail:
    row = await stored_alert(call)
    ask = call.parts.database.ask
    wanted = AlertFilter(root_id=(call.id,), status=(Status.SUPPRESSED,))
    history, (cause, root), consequences = await asyncio.gather(
        ask(store.get_history, call.id),
        _causes_of(call, row),
        ask(
            store.list_alerts,
            wanted,
            sort=store.URGENT_FIRST,
            limit=engine_reads.SHOWN_CONSEQUENCES,
            offset=0,
        ),
    )
    story: dict[str, Any] = {
        "history": [dict(entry) for entry in history],
        "cause": cause,
        "root": root,
        "consequences": views_of([dict(each) for each in consequences]),
    }
    return AlertDetail.model_validate({**row, **story})


async def _stored_why(call: Call) -> WhyView:
    row = await stored_alert(call)
    history, deliveries, (cause, root) = await asyncio.gather(
        call.parts.database.ask(store.get_history, call.id),
        call.parts.database.ask(store.get_deliveries, call.id),
        _causes_of(call, row),
    )
    return WhyView(
        status=row["status"],
        cause=cause,
        root=root,
        correlation_rule=row["correlation_rule"],
        notify_at=row["notify_at"],
        flapping_since=row["flapping_since"],
        decisions=[
            HistoryView.model_validate(dict(entry)) for entry in history if "routing" in entry["changes"]
        ],
        notified=[ToldView.model_validate(told) for told in row["notified"]],
        deliveries=[DeliveryView.model_validate(dict(delivery)) for delivery in deliveries],
    )


async def _stored_summary(call: Call) -> SummaryView:
    rows = await call.parts.database.ask(store.summarize)
    return engine_reads.summary_view(
        {(Severity(row["severity"]), Status(row["status"])): row["amount"] for row in rows}
    )


async def _causes_of(call: Call, row: Row) -> tuple[AlertView | None, AlertView | None]:
    """Read the nearest cause and the end of the chain; in a circle the nearest is the end."""
    if row["correlated_to_id"] is None:
        return None, None
    ask = call.parts.database.ask
    cause, root = await asyncio.gather(
        ask(store.get_alert, row["correlated_to_id"]), ask(store.get_root, call.id)
    )
    if cause is None:
        return None, None
    return AlertView.model_validate(dict(cause)), AlertView.model_validate(dict(root or cause))
