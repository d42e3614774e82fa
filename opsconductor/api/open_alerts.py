"""Answers from memory: open alerts, and those that are being closed, which no table has yet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from opsconductor.api.auth.rows import AlertRows
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.single_flight import turns
from opsconductor.api.listing import AlertPage, matching, page_of
from opsconductor.api.views import SummaryView
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, Severity, Status
from opsconductor.store.alerts.filter import AlertFilter
from opsconductor.store.alerts.order import ListPlace
from opsconductor.store.postgres.request_pool import DatabaseStatus


def status_fields(status: DatabaseStatus) -> dict[str, object]:
    """Return the status of the database, JSON-ready; with start time and backlog unless all is well."""
    if status.state == "connected":
        return {"database": "connected"}
    since = status.since and status.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"database": status.state, "since": since, "waiting": status.waiting}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """The alerts of a moment that are answered from memory.

    Attributes:
        opened: The open ones.
        closing: Closed ones that are not committed, so that the closed alerts of the database lack them.
        known: All that the engine knows, for chains of causes, which may contain closed alerts.
    """

    opened: Sequence[Alert]
    closing: Sequence[Alert]
    known: Sequence[Alert] = ()

    def matching(self, wanted: AlertFilter) -> list[Alert]:
        """Return those of them that match; pure."""
        return matching([*self.opened, *self.closing], wanted, self.known)


def live_state(call: Call, wanted: AlertFilter) -> LiveState:
    """Return the alerts of this moment among which those that match a filter are."""
    engine, in_flight = call.parts.engine(), call.parts.pipeline.in_flight
    before = in_flight.opened_before
    return LiveState(
        opened=engine.open_alerts() if before is None else before,
        closing=in_flight.closing() if wanted.closed_statuses else (),
        known=engine.known_alerts() if wanted.root_id else (),
    )


async def find_live(call: Call, wanted: AlertFilter) -> list[Alert]:
    """Return the matching alerts in memory, in no order."""
    snapshot = partial(live_state, call, wanted)
    return await call.request.app[turns].ask(("find", wanted), snapshot, lambda state: state.matching(wanted))


async def list_live(
    call: Call,
    wanted: AlertFilter,
    *,
    sort: Sequence[str],
    limit: int,
    offset: int = 0,
    after: ListPlace | None = None,
) -> AlertPage:
    """Return alerts from memory that the caller may see, as `store.alerts.listing` returns others."""
    wanted = replace(wanted, rows=call.rows.conditions)
    question = (wanted, tuple(sort), limit, offset, after)

    def work(state: LiveState) -> AlertPage:
        return page_of(state.matching(wanted), sort=sort, limit=limit, offset=offset, after=after)

    return await call.request.app[turns].ask(question, partial(live_state, call, wanted), work)


async def summarize_open(call: Call) -> SummaryView:
    """Count the open alerts that the caller may see by severity and status, zeros included."""
    amounts, hidden = await call.request.app[turns].ask(
        ("summary", call.rows),
        lambda: call.parts.engine().open_alerts(),
        partial(_count, rows=call.rows),
    )
    return _summary_view(amounts, hidden)


def _count(alerts: Sequence[Alert], rows: AlertRows) -> tuple[Mapping[tuple[Severity, Status], int], int]:
    if rows.conditions:
        alerts = [alert for alert in alerts if rows.has(alert)]
    return count_open(alerts), sum(alert.is_hidden for alert in alerts)


def count_open(alerts: Iterable[Alert]) -> Mapping[tuple[Severity, Status], int]:
    """Count the open alerts by severity and status, without hidden ones."""
    amounts = {}
    alerts = [alert for alert in alerts if not alert.is_hidden]
    for status in OPEN_STATUSES:
        severities = [alert.severity for alert in alerts if alert.status is status]
        for severity in Severity:
            amounts[severity, status] = severities.count(severity)
    return amounts


def root_of(call: Call, cause: Alert, consequence: Alert) -> Alert:
    """Return the visible end of the chain that starts at a cause; in a cycle the cause itself."""
    end, seen = cause, {consequence.id}
    while end.id not in seen:
        seen.add(end.id)
        further = end.correlated_to_id and call.parts.engine().get(end.correlated_to_id)
        if not further or not call.rows.has(further):
            return end
        end = further
    return cause


def _summary_view(amounts: Mapping[tuple[Severity, Status], int], hidden: int) -> SummaryView:
    statuses = tuple(status for status in Status if status in OPEN_STATUSES)
    return SummaryView(
        hidden=hidden,
        status={status: sum(amounts.get((each, status), 0) for each in Severity) for status in statuses},
        severity={
            severity: {status: amounts.get((severity, status), 0) for status in statuses}
            for severity in Severity
        },
    )
