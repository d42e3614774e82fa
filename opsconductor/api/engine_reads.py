"""What the API answers from the engine while PostgreSQL is away, or has not the newest state.

There is no history then: what the engine holds are open alerts, and those closed a short while ago.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import AlertListParameters
from opsconductor.api.http.single_flight import turns
from opsconductor.api.listing import AlertPage, page_of, summary_of
from opsconductor.api.views import AlertDetail, AlertView, SummaryView, ToldView, WhyView
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, Severity, Status
from opsconductor.store.alerts import URGENT_FIRST, AlertFilter
from opsconductor.store.postgres.request_pool import DatabaseStatus

SHOWN_CONSEQUENCES = 50

Source = Literal["database", "engine"]


def origin_of(status: DatabaseStatus, source: Source) -> Mapping[str, object]:
    """Say in `meta` where an answer comes from, and how the database stands.

    `busy`: the database is there, but did not answer this time.
    """
    if status.state == "connected" and source == "engine":
        return {"source": source, "database": "busy"}
    return {"source": source, **status_fields(status)}


def status_fields(status: DatabaseStatus) -> dict[str, object]:
    """Say how the database stands, JSON-ready; since when and how much waits unless all is well."""
    if status.state == "connected":
        return {"database": "connected"}
    since = status.since and status.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"database": status.state, "since": since, "waiting": status.waiting}


async def live_page(call: Call) -> tuple[Sequence[object], int]:
    """List alerts as the store does, and count those that match."""
    wanted: AlertListParameters = call.query
    offset = (wanted.page - 1) * wanted.per_page
    page = await _listed(call, wanted.filter(), wanted.order, limit=wanted.per_page, offset=offset)
    return page.alerts, page.total


async def live_detail(call: Call) -> AlertDetail | None:
    """Show one alert without history and raw data; None: the engine does not know it."""
    alert = call.parts.engine().get(call.id)
    if alert is None:
        return None
    wanted = AlertFilter(root_id=(alert.id,), status=(Status.SUPPRESSED,))
    cause, root = _causes_of(call, alert)
    consequences = await _listed(call, wanted, URGENT_FIRST, limit=SHOWN_CONSEQUENCES, offset=0)
    return AlertDetail(
        **AlertView.model_validate(alert).model_dump(),
        raw_data={},
        history=[],
        cause=cause,
        root=root,
        consequences=[AlertView.model_validate(each) for each in consequences.alerts],
    )


async def live_why(call: Call) -> WhyView | None:
    """Explain one alert as far as its present state does; None: the engine does not know it."""
    alert = call.parts.engine().get(call.id)
    if alert is None:
        return None
    cause, root = _causes_of(call, alert)
    return WhyView(
        status=alert.status,
        cause=cause,
        root=root,
        correlation_rule=alert.correlation_rule,
        notify_at=alert.notify_at,
        flapping_since=alert.flapping_since,
        decisions=[],
        notified=[ToldView.model_validate(told) for told in alert.notified],
        deliveries=[],
    )


async def live_summary(call: Call) -> SummaryView:
    """Count the open alerts."""
    amounts = await call.request.app[turns].ask("summary", _snapshot_of(call), summary_of)
    return summary_view(amounts)


def summary_view(amounts: Mapping[tuple[Severity, Status], int]) -> SummaryView:
    """Write sums by severity and status, zeros included."""
    statuses = tuple(status for status in Status if status in OPEN_STATUSES)
    return SummaryView(
        status={status: sum(amounts.get((each, status), 0) for each in Severity) for status in statuses},
        severity={
            severity: {status: amounts.get((severity, status), 0) for status in statuses}
            for severity in Severity
        },
    )


async def _listed(
    call: Call, wanted: AlertFilter, sort: Sequence[str], *, limit: int, offset: int
) -> AlertPage:
    question = (wanted, tuple(sort), limit, offset)
    work = partial(page_of, wanted=wanted, sort=sort, limit=limit, offset=offset)
    return await call.request.app[turns].ask(question, _snapshot_of(call), work)


def _snapshot_of(call: Call) -> Callable[[], Sequence[Alert]]:
    """Give what takes the alerts from the engine that is at work by then."""
    return lambda: call.parts.engine().known_alerts()


def _causes_of(call: Call, alert: Alert) -> tuple[AlertView | None, AlertView | None]:
    """Find the nearest cause and the end of the chain; in a circle the nearest is the end."""
    end = _cause_of(call, alert)
    if end is None:
        return None, None
    nearest, seen = AlertView.model_validate(end), {alert.id}
    while end.id not in seen:
        seen.add(end.id)
        cause = _cause_of(call, end)
        if cause is None:
            return nearest, AlertView.model_validate(end)
        end = cause
    return nearest, nearest


def _cause_of(call: Call, alert: Alert) -> Alert | None:
    return None if alert.correlated_to_id is None else call.parts.engine().get(alert.correlated_to_id)
