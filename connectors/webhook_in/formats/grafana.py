"""Grafana: its alerting webhook, that of OnCall, and that of version 8 and earlier.

Source:
    grafana.com/docs, "Configure webhook notifications"; grafana/grafana `pkg/services/ngalert/state`.
"""

from collections.abc import Sequence

from connectors.webhook_in.fields import Document, as_document, first, lines, part, text
from connectors.webhook_in.formats import alertmanager
from connectors.webhook_in.formats.shape import wrong_shape
from connectors.webhook_in.report import Format, Reading, SourceReport, links_of, trial_of
from opsconductor.model.enums import Severity

EVALUATION_TROUBLES = {"DatasourceError": "Error", "DatasourceNoData": "NoData"}
"""Alert names with which Grafana reports that it cannot evaluate a rule; the rule's own is in `rulename`."""
REASON = "grafana_state_reason"
LEGACY_TEST = "Test notification"
LEGACY_STATES = {
    "alerting": Severity.MAJOR,
    "no_data": Severity.WARNING,
    "pending": Severity.INFO,
    "paused": Severity.CLEAR,
    "ok": Severity.CLEAR,
}
"""A paused rule reports nothing any more: its alerts are over."""


def items(document: object) -> Sequence[object]:
    """Return the alerts of a group; a message of version 8 is one alert."""
    if isinstance(document, dict) and "ruleId" in document and "alerts" not in document:
        return (document,)
    if isinstance(document, list):
        raise wrong_shape("an object with the list `alerts`")
    return alertmanager.items(document)


def read(item: object, document: object, reading: Reading) -> SourceReport:
    """Return the report of one alert; a rule that Grafana cannot evaluate is always a warning."""
    if not isinstance(item, dict) or "labels" in item or "ruleId" not in item:
        report = alertmanager.read(item, document, reading)
        return (
            report
            if report.is_test or isinstance(item, alertmanager.Truncated)
            else _more(report, as_document(item))
        )
    return _legacy(item, reading)


def _more(report: SourceReport, alert: Document) -> SourceReport:
    labels, annotations = part(alert, "labels"), part(alert, "annotations")
    trouble = EVALUATION_TROUBLES.get(text(labels.get(alertmanager.NAME)), "")
    reason = text(annotations.get(REASON)) or trouble
    rule = text(labels.get("rulename"))
    severity = report.severity
    if reason in EVALUATION_TROUBLES.values() and severity is not Severity.CLEAR:
        severity = Severity.WARNING
    links = links_of(
        {
            "dashboard_url": alert.get("dashboardURL"),
            "panel_url": alert.get("panelURL"),
            "silence_url": alert.get("silenceURL"),
            "image_url": alert.get("imageURL"),
        }
    )
    return report._replace(
        severity=severity,
        title=f"{rule}: {report.title}" if trouble and rule else report.title,
        message=lines(report.message, _because(reason), text(alert.get("valueString"))),
        links={**report.links, **links},
        tags=(*report.tags, f"state_reason={reason}") if reason else report.tags,
    )


def _because(reason: str) -> str:
    return f"Grafana gives the reason {reason}." if reason else ""


def _legacy(alert: Document, reading: Reading) -> SourceReport:
    state = text(alert.get("state")).lower()
    tags = part(alert, "tags")
    device, _ = alertmanager.device_of(tags, reading.config.device_labels)
    severity = LEGACY_STATES.get(state, reading.config.default_severity)
    if state == "alerting":
        severity = alertmanager.problem(text(tags.get(alertmanager.SEVERITY)) or "major", reading)
    name = first(alert, "ruleName", "title") or "alert"
    if name == LEGACY_TEST:
        return trial_of(reading.config.format, message=text(alert.get("message")))
    return SourceReport(
        device=device,
        what=name,
        severity=severity,
        resource=f"rule={text(alert.get('ruleId'))}",
        title=first(alert, "title", "ruleName"),
        message=lines(text(alert.get("message")), *_matches(alert.get("evalMatches"))),
        problem_id=text(alert.get("ruleId")),
        tags=tuple(f"{key}={text(value)}" for key, value in tags.items()),
        links=links_of({"url": alert.get("ruleUrl"), "image_url": alert.get("imageUrl")}),
    )


def _matches(matches: object) -> list[str]:
    """Return the values that made the rule fire."""
    found = matches if isinstance(matches, list) else []
    return [
        f"{text(match.get('metric'))}: {text(match.get('value'))}"
        for match in found
        if isinstance(match, dict)
    ]


FORMAT = Format(items, read)
