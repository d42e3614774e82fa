"""Answers from memory: open alerts, and those that are being closed, which no table has yet."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from opsconductor.api.auth.rows import AlertRows
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.single_flight import turns
from opsconductor.api.listing import AlertPage, key_function, key_of_place, matching, runs_of
from opsconductor.api.opened.index import OpenIndex, open_index
from opsconductor.api.opened.order import KeptIds, matching_in_order, matching_of
from opsconductor.api.opened.sums import rated, sums_in
from opsconductor.api.sorted_runs import SortedRun, page_of_runs
from opsconductor.api.views import SummaryView
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, Severity, Status
from opsconductor.store.alerts.filter import AlertFilter
from opsconductor.store.alerts.order import ListPlace, whole_order
from opsconductor.store.alerts.rows import RowConditions, meets
from opsconductor.store.postgres.request_pool import DatabaseStatus

Result = TypeVar("Result")


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
        index: Has the open ones.
        closing: Closed ones that are not committed, so that the closed alerts of the database lack them.
        known: All that the engine knows, for chains of causes, which may contain closed alerts.
    """

    index: OpenIndex
    closing: Sequence[Alert] = ()
    known: Sequence[Alert] = ()

    def matching(self, wanted: AlertFilter) -> list[Alert]:
        """Return those of them that match, in no order."""
        found = matching_of(self.index, wanted, self.index.entries, [*self.closing, *self.known])
        return [*found, *self._closing(wanted)] if self.closing else found

    def in_order(self, wanted: AlertFilter, order: Sequence[str]) -> "LivePart":
        """Return those of them that match as a part of a list.

        Args:
            order: From `whole_order`.
        """
        opened: list[Alert] = []
        if not wanted.status or not OPEN_STATUSES.isdisjoint(wanted.status):
            opened = matching_in_order(self.index, wanted, order, [*self.closing, *self.known])
        runs = [SortedRun(items=opened, key=key_function(order))]
        if self.closing:
            closing = self._closing(wanted)
            runs += runs_of(closing, order, len(closing))
        ids: set[int] = set()
        if wanted.closed_statuses:
            ids = self.index.kept("ids", KeptIds).numbers.union(alert.id.int for alert in self.closing)
        return LivePart(runs=runs, hidden=self._hidden(wanted.rows), ids=ids)

    def _hidden(self, rows: RowConditions) -> int:
        hidden = sums_in(self.index).hidden
        if not hidden or not rows:
            return hidden
        return sum(entry.alert.is_hidden and meets(entry.alert, rows) for entry in self.index.entries)

    def _closing(self, wanted: AlertFilter) -> list[Alert]:
        links = [entry.alert for entry in self.index.entries] if wanted.root_id else ()
        return matching(self.closing, wanted, [*links, *self.known])


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePart:
    """The alerts in memory that belong to a list.

    Attributes:
        runs: In order.
        hidden: Number of open alerts that a maintenance window hides, whatever the filter.
        ids: Numbers of all that memory answers, whatever the filter, if closed alerts are wanted too: what
            the database has of these is not listed.
    """

    runs: Sequence[SortedRun[Alert]]
    hidden: int
    ids: set[int]

    @property
    def total(self) -> int:
        """The number of the alerts."""
        return sum(len(run.items) for run in self.runs)

    def after(self, place: ListPlace | None, order: Sequence[str]) -> "LivePart":
        """Return those after a place in the list; None: all."""
        if place is None:
            return self
        last = key_of_place(place, order)
        cut = [
            replace(run, items=run.items[bisect_right(run.items, last, key=run.key) :]) for run in self.runs
        ]
        return replace(self, runs=cut)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What the engine has at a moment."""

    opened: Sequence[Alert]
    closing: Sequence[Alert]
    known: Sequence[Alert]


def _taken(call: Call, wanted: AlertFilter) -> _Taken:
    engine, in_flight = call.parts.engine(), call.parts.pipeline.in_flight
    before = in_flight.opened_before
    return _Taken(
        opened=engine.open_alerts() if before is None else before,
        closing=in_flight.closing() if wanted.closed_statuses else (),
        known=engine.known_alerts() if wanted.root_id else (),
    )


async def ask_live(
    call: Call, question: Hashable, wanted: AlertFilter, work: Callable[[LiveState], Result]
) -> Result:
    """Return an answer from memory, computed in a thread; equal questions share it.

    Args:
        wanted: The alerts that the state has to have: `closing` and `known` are empty where none can match.
    """
    index = call.request.app[open_index]

    def answer(taken: _Taken) -> Result:
        state = LiveState(index=index.follow(taken.opened), closing=taken.closing, known=taken.known)
        return work(state)

    return await call.request.app[turns].ask(question, partial(_taken, call, wanted), answer)


async def find_live(call: Call, wanted: AlertFilter, order: Sequence[str]) -> LivePart:
    """Return the matching alerts in memory as a part of a list.

    Args:
        order: From `whole_order`.
    """
    question = ("find", wanted, tuple(order))
    return await ask_live(call, question, wanted, lambda state: state.in_order(wanted, order))


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
    wanted, order = replace(wanted, rows=call.rows.conditions), whole_order(sort)

    def work(state: LiveState) -> AlertPage:
        part = state.in_order(wanted, order)
        found = page_of_runs(part.after(after, order).runs, offset, offset + limit)
        return AlertPage(alerts=found, total=part.total, hidden=part.hidden)

    return await ask_live(call, (wanted, order, limit, offset, after), wanted, work)


async def summarize_open(call: Call) -> SummaryView:
    """Count the open alerts that the caller may see by severity and status, zeros included."""
    every = AlertFilter(status=tuple(OPEN_STATUSES))
    amounts, hidden = await ask_live(call, ("summary", call.rows), every, partial(_count, rows=call.rows))
    return _summary_view(amounts, hidden)


def _count(state: LiveState, rows: AlertRows) -> tuple[Mapping[tuple[Severity, Status], int], int]:
    if rows.conditions:
        return rated([entry.alert for entry in state.index.entries if rows.has(entry.alert)])
    sums = sums_in(state.index)
    return dict(sums.rated), sums.hidden


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
