"""Fields of an alert from a report, fitted to the columns of the schema."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from opsconductor.engine.clock import later
from opsconductor.engine.priority import PRIORITY, URGENCY, priority_of
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import (
    LONGEST_SOURCE,
    LONGEST_TYPE,
    LONGEST_WHO,
    NO_FIELDS,
    SOURCE_ACKNOWLEDGED_BY,
    Alert,
)
from opsconductor.model.construct import draft_of
from opsconductor.model.enums import SEVERITY_RANK, Severity, Status
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.text import (
    LONGEST_ID,
    LONGEST_MESSAGE,
    LONGEST_TITLE,
    fitted,
    one_line,
    short_id,
    storable,
)

LONGEST_RESOURCE = 2_000
LONGEST_TAG = 255
LONGEST_SHARED, MOST_SHARED = 255, 4_096
"""Characters of a further field that alerts share, and the number of such fields that are kept."""
DEVICE_NAME = "{device_name}"
_draft = draft_of(Alert)


class Beginning(NamedTuple):
    """Initial state of a new alert, as far as it depends on others.

    Attributes:
        why: Content of the history row of its beginning; None: it is not cut.
    """

    status: Status = Status.ACTIVE
    correlated_to_id: UUID | None = None
    correlation_rule: str | None = None
    notify_at: datetime | None = None
    why: Mapping[str, object] | None = None


ACTIVE = Beginning()


def new_alert(
    work: EngineStep,
    event: IdentifiedReport,
    at: datetime,
    *,
    snapshot_scope: str = "",
    begun: Beginning = ACTIVE,
) -> Alert:
    """Return the alert of a new problem.

    Args:
        at: When the problem was last seen, not in the future.
    """
    report = event.report
    impact = work.state.impact(event.device_ip or event.device_name)
    new = _draft()  # each attribute takes a fifth of a keyword argument
    new.id = work.state.new_id(work.now)
    new.fingerprint = event.fingerprint
    new.source_system = fitted(report.source_system, LONGEST_SOURCE)
    new.source_alert_id = source_id_of(report) if report.source_alert_id else ""
    new.device_ip = event.device_ip
    new.device_name = event.device_name
    new.resource = one_line(report.resource, LONGEST_RESOURCE) if report.resource else ""
    new.alert_type = fitted(report.alert_type, LONGEST_TYPE)
    new.category = report.category
    new.severity = report.severity
    new.impact = impact
    new.urgency = urgency = URGENCY[report.severity]
    new.priority = PRIORITY[impact, urgency]
    new.title = title_of(event)
    new.message = fitted(report.message, LONGEST_MESSAGE) if report.message else ""
    new.occurred_at = min(report.occurred_at, at)
    new.received_at = min(report.received_at, work.now)
    new.last_occurrence_at = at
    new.is_cutting = report.is_cutting
    new.expires_after = report.expires_after
    if report.expires_after is not None:
        new.expires_at = expires_at(work, event)
    new.snapshot_scope = snapshot_scope
    new.transitions = work.first_transition
    new.unacknowledged_since = work.now
    new.tags = tags_of(event) if report.tags else ()
    has_fields = report.custom_fields or event.conflict or report.acknowledged_by
    new.custom_fields = custom_fields_of(event) if has_fields else NO_FIELDS
    new.status = begun.status
    if begun is not ACTIVE:
        new.correlated_to_id = begun.correlated_to_id
        new.correlation_rule = begun.correlation_rule
        new.notify_at = begun.notify_at
    new.__class__ = Alert
    found: Alert = new
    return found


def described(work: EngineStep, alert: Alert, event: IdentifiedReport, at: datetime) -> dict[str, Any]:
    """Return the new values of an alert after another report of its problem."""
    report = event.report
    impact = work.state.impact(event.device_ip or event.device_name)
    is_overridden = alert.reported_severity is not None
    severity = alert.severity if is_overridden else report.severity
    return {
        **({"reported_severity": report.severity} if is_overridden else {}),
        "device_name": event.device_name,
        "severity": severity,
        "impact": impact,
        "urgency": URGENCY[severity],
        "priority": priority_of(impact, severity),
        "title": title_of(event),
        "message": fitted(report.message, LONGEST_MESSAGE),
        "tags": tags_of(event, alert.own_tags),
        "custom_fields": custom_fields_of(event, alert),
        "is_cutting": report.is_cutting,
        "is_clear": False,
        "expires_after": report.expires_after,
        "expires_at": expires_at(work, event),
        "last_occurrence_at": at,
        "occurrence_count": alert.occurrence_count + 1,
    }


def placed(event: IdentifiedReport) -> dict[str, Any]:
    """Return device, type and resource from a report with a problem id."""
    report = event.report
    return {
        "device_ip": event.device_ip,
        "device_name": event.device_name,
        "alert_type": fitted(report.alert_type, LONGEST_TYPE),
        "category": report.category,
        "resource": one_line(report.resource, LONGEST_RESOURCE) if report.resource else "",
    }


def source_id_of(report: NormalizedAlert) -> str:
    """Fit the source's own id into its column."""
    if report.has_problem_id:
        return short_id(report.source_alert_id)
    return one_line(report.source_alert_id, LONGEST_ID) if report.source_alert_id else ""


def title_of(event: IdentifiedReport) -> str:
    """Fill the device's name into the title."""
    title = event.report.title
    if DEVICE_NAME in title:
        title = title.replace(DEVICE_NAME, event.device_name or event.device_ip or "")
    return one_line(title, LONGEST_TITLE)


def tags_of(event: IdentifiedReport, own: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the tags of a report and those that people have added, each once."""
    return tuple(dict.fromkeys([*(one_line(tag, LONGEST_TAG) for tag in event.report.tags), *own]))


def custom_fields_of(event: IdentifiedReport, known: Alert | None = None) -> Mapping[str, object]:
    """Return the further fields of a report; under `conflict` identifiers of different devices."""
    given = event.report.custom_fields or {}
    if known is None and len(given) == 1 and not (event.conflict or event.report.acknowledged_by):
        ((name, value),) = given.items()
        if isinstance(value, str) and len(name) + len(value) <= LONGEST_SHARED:
            return _only_field(name, value)
    fields = dict(given)
    fields.pop(SOURCE_ACKNOWLEDGED_BY, None)
    taker = source_acknowledged_by(event.report, known)
    if taker is not None:
        fields[SOURCE_ACKNOWLEDGED_BY] = taker
    if event.conflict:
        fields["conflict"] = dict(event.conflict)
    found = storable(fields)
    assert isinstance(found, dict)
    return found


@lru_cache(maxsize=MOST_SHARED)
def _only_field(name: str, value: str) -> Mapping[str, object]:
    """Return a document of one field, the same for all alerts that have it: mostly the name of a port."""
    return {} if name == SOURCE_ACKNOWLEDGED_BY else {fitted(name): fitted(value)}


def source_acknowledged_by(report: NormalizedAlert, known: Alert | None) -> str | None:
    """Return who has acknowledged an alert at its source, after a report; None: it is not.

    Args:
        known: The alert so far; a source knows nothing of one that came from elsewhere.
    """
    if known is not None and report.source_system != known.source_system:
        return known.source_acknowledged_by
    return one_line(report.acknowledged_by, LONGEST_WHO) if report.acknowledged_by else None


def expires_at(work: EngineStep, event: IdentifiedReport) -> datetime | None:
    """Return when the alert expires unless the report is repeated."""
    length = event.report.expires_after
    return later(work.now, length) if length is not None else None


def is_worse(severity: Severity, than: Severity) -> bool:
    """Return True if the first severity is higher than the second."""
    return SEVERITY_RANK[severity] > SEVERITY_RANK[than]


def change_of(name: str, old: object, new: object) -> Mapping[str, object]:
    """Return one change in the form of a history row: field name to old and new value."""
    return {} if old == new else {name: [storable(old), storable(new)]}
