"""Folding of reports into alerts: the table in docs/architecture.md, row by row, and pairing."""

from collections.abc import Sequence
from datetime import datetime

from opsconductor.engine.acknowledging import follow_source
from opsconductor.engine.alert_fields import change_of, is_worse, placed, source_id_of
from opsconductor.engine.alert_index import is_reopenable
from opsconductor.engine.clock import EngineClock, later
from opsconductor.engine.correlation.correlate import propagate, reconsider
from opsconductor.engine.repeats import RepeatCounter
from opsconductor.engine.step import EngineStep
from opsconductor.engine.transitions import (
    clear,
    come_back,
    create,
    create_resolved,
    reopen,
    update,
    worsen,
)
from opsconductor.model.alert import Alert
from opsconductor.model.changes import UnmatchedClear
from opsconductor.model.enums import CLEAR, OPEN_STATUSES, HistoryAction
from opsconductor.model.identified import IdentifiedReport


def open_alike(work: EngineStep, event: IdentifiedReport) -> Alert | None:
    """Return the open alert that a report means although their ids differ.

    Device, type and resource decide if one of the two has no id; if several alerts match, none is
    meant.
    """
    book = work.book
    if event.report.has_problem_id:
        alike = [event.subject] if event.subject in book.open else []
    else:
        alike = [each for each in book.subjects.each(event.fingerprint) if each in book.open]
    if len(alike) != 1:
        return None
    work.settle(alike[0])
    return book.open[alike[0]]


def adopted(work: EngineStep, event: IdentifiedReport, at: datetime) -> Alert | None:
    """Return the alert of the same fault that was over, under the new problem id of a recurring problem.

    Some senders have a new id for every occurrence (Zabbix): without this nothing would be reopened or flap.

    Returns:
        The alert, if it is open because it flaps; a closed one is found by its new fingerprint.
    """
    report, book = event.report, work.book
    if report.is_clear or report.severity is CLEAR:
        return None
    if _closed(work, event.fingerprint) is not None or _is_over(work, event.fingerprint, at):
        return None
    over = [
        alert
        for each in book.subjects.each(event.subject)
        if (alert := book.open.get(each) or _closed(work, each)) is not None
        and (alert.is_clear or alert.status not in OPEN_STATUSES)
        and alert.source_system == report.source_system
        and alert.last_occurrence_at <= at
    ]
    if not over:
        return None
    alert = max(over, key=lambda alert: (alert.last_occurrence_at, alert.id))
    alert = work.rename(alert, fingerprint=event.fingerprint, source_alert_id=source_id_of(report))
    return alert if alert.status in OPEN_STATUSES else None


def relocate(work: EngineStep, alert: Alert, event: IdentifiedReport) -> Alert:
    """Take over device, type and resource from a report that carries the id of the alert.

    A cut moves along, and the alert is re-evaluated under the causes of its new device.
    """
    if not event.report.has_problem_id or alert.fingerprint != event.fingerprint:
        return alert
    values = placed(event)
    if event.device_ip is not None and event.device_ip == alert.device_ip:
        del values["device_name"]
    changes: dict[str, object] = {}
    for name, value in values.items():
        changes |= change_of(name, getattr(alert, name), value)
    if not changes:
        return alert
    if ("device_ip" in changes or "device_name" in changes) and work.book.chains.count(alert.id.int):
        work.state.rejected = work.state.rejected or {}  # its consequences may be causes of it now
        work.state.agenda.add_work()
    changed = work.change(alert, **values)
    work.record(changed, HistoryAction.UPDATED, "fold.moved", old=alert.status, changes=changes)
    if changed.status in OPEN_STATUSES:
        reconsider(work, changed)
    return work.book.latest(changed)


def fold_all(work: EngineStep, events: Sequence[IdentifiedReport], most: int | None = None) -> None:
    """Fold a batch in order; mere repeats are counted first and written once.

    Args:
        most: Stop after this many reports that are more than repeats.
    """
    tallies, open_alerts, clock = work.tallies, work.book.open, work.state.clock
    left = len(events) if most is None else most
    for done, event in enumerate(events):
        if not left:
            work.folded += done
            return
        fingerprint, report = event.fingerprint, event.report
        tally = tallies.get(fingerprint)
        if tally is None:
            alert = open_alerts.get(fingerprint)
            if alert is None or alert.is_clear:
                fold(work, event)
                left -= 1
                continue
            tally = tallies[fingerprint] = RepeatCounter(alert)
        if (
            report.severity is not tally.severity
            or report.is_clear
            or report.is_cutting is not tally.is_cutting
            or report.acknowledged_by != tally.acknowledged_by
            or (report.has_problem_id and event.subject != work.book.subject(fingerprint))
        ):
            work.settle(fingerprint)
            fold(work, event)
            left -= 1
            continue
        tally.count += 1
        at = report.occurred_at
        if clock.ahead or at > clock.now:
            at = _placed(clock, at, tally.last_at)
        if at >= tally.last_at:
            tally.last_at = at
            tally.latest = report
    work.folded += len(events)


def _placed(clock: EngineClock, moment: datetime, known_at: datetime) -> datetime:
    """Return the time of a report; one of the future still counts as later than what is known."""
    at = clock.place(moment)
    return max(at, min(known_at, clock.now)) if moment > clock.now else at


def fold(
    work: EngineStep, event: IdentifiedReport, *, snapshot_scope: str = "", seen_at: datetime | None = None
) -> None:
    """Fold one report of any kind, and all that follows from it.

    Args:
        seen_at: When a poller has seen the problem, whenever it began.
    """
    report = event.report
    at = work.state.clock.place(report.occurred_at) if seen_at is None else seen_at
    alert = work.book.open.get(event.fingerprint)
    if alert is None and seen_at is None:
        alert = open_alike(work, event) or (adopted(work, event, at) if report.has_problem_id else None)
    if alert is not None and seen_at is None:
        at = _placed(work.state.clock, report.occurred_at, alert.last_occurrence_at)
    if report.is_clear or report.severity is CLEAR:
        _fold_clear(work, event, alert, at)
    elif alert is None:
        _fold_into_none(work, event, at, snapshot_scope or report.snapshot_scope)
    else:
        _fold_into_open(work, alert, event, at)
    propagate(work)


def _fold_clear(work: EngineStep, event: IdentifiedReport, alert: Alert | None, at: datetime) -> None:
    if alert is None:
        work.unmatched_clears.append(_unmatched(event))
        until = later(work.now, work.state.settings.clear_memory)
        work.state.clears.remember(event.fingerprint, at, until)
    elif at >= alert.last_occurrence_at:
        clear(work, alert, at, "fold.clear")


def _fold_into_none(work: EngineStep, event: IdentifiedReport, at: datetime, snapshot_scope: str) -> None:
    closed = _closed(work, event.fingerprint)
    is_over = _is_over(work, event.fingerprint, at)
    if closed is not None and (is_over or at < closed.last_occurrence_at):
        _count(work, closed)
    elif closed is not None:
        closed = relocate(work, closed, event)
        reopen(work, closed, event, at, snapshot_scope=snapshot_scope)
    elif is_over:
        create_resolved(work, event, at)
    else:
        create(work, event, at, snapshot_scope=snapshot_scope)


def _fold_into_open(work: EngineStep, alert: Alert, event: IdentifiedReport, at: datetime) -> None:
    if at < alert.last_occurrence_at:
        _count(work, alert)
        return
    alert = relocate(work, alert, event)
    if alert.is_clear:
        come_back(work, alert, event, at)
    elif alert.reported_severity is None and is_worse(event.report.severity, than=alert.severity):
        worsen(work, alert, event, at)
    else:
        update(work, alert, event, at)
    follow_source(work, work.book.latest(alert), before=alert.source_acknowledged_by)


def _closed(work: EngineStep, fingerprint: str) -> Alert | None:
    """Return the closed alert that a problem reopens, or None."""
    alert = work.book.closed.get(fingerprint)
    is_found = alert is not None and is_reopenable(alert, work.now, work.state.settings.reopen_window)
    return alert if is_found else None


def _is_over(work: EngineStep, fingerprint: str, at: datetime) -> bool:
    """Return True if the clear of a problem of that time came before it."""
    known = work.state.clears.find(fingerprint)
    if known is None:
        return False
    cleared_at, until = known
    return at < cleared_at and work.now < until


def _unmatched(event: IdentifiedReport) -> UnmatchedClear:
    report = event.report
    return UnmatchedClear(
        source_system=report.source_system,
        source_alert_id=source_id_of(report),
        device=event.device_ip or event.device_name or "",
        alert_type=report.alert_type,
        resource=report.resource,
    )


def _count(work: EngineStep, alert: Alert) -> None:
    """Count a report that is too late to change anything."""
    tally = RepeatCounter(alert)
    tally.count = 1
    work.count(alert, tally)
