"""Reconciliation of the alerts of one scope with a poller's snapshot: what is not listed is over."""

from collections.abc import Collection, Iterable
from datetime import datetime

from opsconductor.engine.acknowledging import follow_source
from opsconductor.engine.alert_fields import custom_fields_of, source_acknowledged_by
from opsconductor.engine.clock import later
from opsconductor.engine.correlation.correlate import propagate
from opsconductor.engine.fold import fold
from opsconductor.engine.step import EngineStep
from opsconductor.engine.transitions import clear, expire
from opsconductor.model.alert import Alert
from opsconductor.model.enums import SEVERITY_RANK, Severity
from opsconductor.model.identified import IdentifiedReport, IdentifiedSnapshot
from opsconductor.model.normalized import is_polled
from opsconductor.model.text import LONGEST_MESSAGE, fitted

ABANDONED = "snapshot.abandoned"
"""The rule in the history."""


def connector_of(scope: str) -> str:
    """Return the connector whose snapshots have a scope: scopes are `CONNECTOR` or `CONNECTOR/...`."""
    return scope.partition("/")[0]


def abandon(work: EngineStep, scopes: Collection[str]) -> None:
    """Close what is listed in scopes, without notification, since whether it is over is unknown.

    What another source has reported first belongs to that source again, and stays open.
    """
    for scope in scopes:
        work.state.snapshots.pop(scope, None)
        for fingerprint in work.book.listed.get(scope):
            alert = work.book.open.get(fingerprint)
            if alert is None:
                continue
            if alert.source_system == connector_of(scope):
                expire(work, alert, ABANDONED)
            else:
                work.change(alert, snapshot_scope="")
            propagate(work)


def reconcile(work: EngineStep, snapshot: IdentifiedSnapshot) -> None:
    """Fold what a snapshot lists and clear what it no longer lists.

    An unchanged open alert in the list is no new occurrence and changes nothing. A
    snapshot older than the last one of its scope is ignored.
    """
    work.folded += len(snapshot.alerts)
    taken_at = work.state.clock.place(snapshot.taken_at)
    last = work.state.snapshots.get(snapshot.scope)
    if last is not None and taken_at < last:
        return
    work.state.snapshots[snapshot.scope] = taken_at
    listed = _worst_by_fingerprint(snapshot.alerts)
    for event in listed.values():
        _list(work, event, snapshot.scope, taken_at)
    for fingerprint in work.book.listed.get(snapshot.scope):
        alert = work.book.open.get(fingerprint)
        if fingerprint not in listed and alert is not None and alert.last_occurrence_at <= taken_at:
            clear(work, alert, taken_at, "snapshot.missing")
            propagate(work)


def _worst_by_fingerprint(events: Iterable[IdentifiedReport]) -> dict[str, IdentifiedReport]:
    """Keep the report with the highest severity for each fingerprint."""
    worst: dict[str, IdentifiedReport] = {}
    for event in events:
        report = event.report
        if report.is_clear or report.severity is Severity.CLEAR:
            continue
        known = worst.get(event.fingerprint)
        if known is None or SEVERITY_RANK[report.severity] > SEVERITY_RANK[known.report.severity]:
            worst[event.fingerprint] = event
    return worst


def _list(work: EngineStep, event: IdentifiedReport, scope: str, taken_at: datetime) -> None:
    alert = work.book.open.get(event.fingerprint)
    if alert is None:
        fold(work, event, snapshot_scope=scope, seen_at=taken_at)
        return
    if not is_polled(alert.snapshot_scope):
        alert = work.change(alert, snapshot_scope=scope)
    report = event.report
    if alert.is_clear or (report.severity, report.is_cutting) != (alert.device_severity, alert.is_cutting):
        fold(work, event, seen_at=taken_at)
    else:
        _refresh(work, alert, event)


def _refresh(work: EngineStep, alert: Alert, event: IdentifiedReport) -> None:
    """Take over the message and the acknowledgement at the source, and postpone the expiry."""
    message = fitted(event.report.message, LONGEST_MESSAGE)
    length = alert.expires_after
    expires_at = later(work.now, length) if length is not None else None
    if (message, expires_at) != (alert.message, alert.expires_at):
        alert = work.change(alert, message=message, expires_at=expires_at)
        work.keep_raw(alert, event.report)
    before = alert.source_acknowledged_by
    if source_acknowledged_by(event.report, alert) != before:
        alert = work.change(alert, custom_fields=custom_fields_of(event, alert))
        follow_source(work, alert, before=before)
        propagate(work)
