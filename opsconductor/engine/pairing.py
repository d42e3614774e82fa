"""Pairs reports with alerts by the id that a sender has for the problem, and where only one side has one."""

from datetime import datetime

from opsconductor.engine.alert_fields import change_of, placed, source_id_of
from opsconductor.engine.correlate import reconsider
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, HistoryAction, Severity
from opsconductor.model.identified import IdentifiedReport


def open_alike(work: EngineStep, event: IdentifiedReport) -> Alert | None:
    """Find the open alert that a report means although they do not have the same id.

    Device, type and resource decide where one of the two has no id; when several alerts are alike, none is
    meant.
    """
    book = work.book
    if event.report.has_problem_id:
        return book.open.get(event.subject)
    alike = [alert for each in book.subjects.each(event.fingerprint) if (alert := book.open.get(each))]
    return alike[0] if len(alike) == 1 else None


def adopted(work: EngineStep, event: IdentifiedReport, at: datetime) -> Alert | None:
    """Give the alert of the same fault that was over the new id of a problem that is back.

    Some senders have a new id for every occurrence (Zabbix): without this nothing would be reopened or flap.

    Returns:
        The alert, if it is open because it flaps; a closed one is found by its new fingerprint.
    """
    report, book = event.report, work.book
    if not report.has_problem_id or report.is_clear or report.severity is Severity.CLEAR:
        return None
    if event.fingerprint in book.closed or work.state.clears.is_over(event.fingerprint, at):
        return None
    over = [
        alert
        for each in book.subjects.each(event.subject)
        if (alert := book.open.get(each) or book.closed.get(each)) is not None
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

    A cut moves along, and the alert is looked at under the causes of its new device.
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
    changed = work.change(alert, **values)
    work.record(changed, HistoryAction.UPDATED, "fold.moved", old=alert.status, changes=changes)
    if changed.status in OPEN_STATUSES:
        reconsider(work, changed)
    return work.book.latest(changed)
