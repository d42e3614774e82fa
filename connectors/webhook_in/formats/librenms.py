"""LibreNMS: posts of its "API" transport with the template of README.md.

Source:
    librenms/librenms `LibreNMS/Alert/Transport/Api.php`, `LibreNMS/Alert/RunAlerts.php` (template variables).
"""

from connectors.webhook_in.fields import Document, as_document, first, lines, moment, text
from connectors.webhook_in.formats.shape import one_or_many
from connectors.webhook_in.report import Format, Reading, SourceReport, links_of, trial_of
from connectors.webhook_in.words import category_of, severity_of
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Category, Severity

RECOVERED, ACKNOWLEDGED = "0", "2"
STATES = {
    "0": RECOVERED, "recovered": RECOVERED, "ok": RECOVERED, "clear": RECOVERED,
    "1": "1", "alert": "1", "active": "1",
    "2": ACKNOWLEDGED, "acknowledged": ACKNOWLEDGED,
    "3": "3", "worse": "3",
    "4": "4", "better": "4",
    "5": "5", "changed": "5",
}  # fmt: skip
TEST = "000"
"""Id of alert and rule in posts of "Test transport", which contain the name of a real device."""
DEVICE_DOWN = ("device down", "device unreachable")
"""Prefixes of the names of rules for an unreachable device."""


def read(item: object, _document: object, reading: Reading) -> SourceReport:
    """Return the report of one alert: LibreNMS has one for each device and rule."""
    alert = as_document(item)
    state = STATES.get(text(alert.get("state")).lower())
    if state is None:
        raise NormalizeError("no_state", "state is neither 1 (alert) nor 0 (recovered)")
    if TEST in (text(alert.get("alert_id")), text(alert.get("rule_id"))):
        return trial_of(reading.config.format, message=text(alert.get("msg")))
    rule = first(alert, "name", "rule_name") or f"rule {text(alert.get('rule_id'))}".strip()
    is_down = rule.lower().startswith(DEVICE_DOWN)
    return SourceReport(
        device=first(alert, "ip", "hostname", "sysName"),
        alias=first(alert, "sysName", "display", "hostname"),
        what=rule,
        category=Category.NETWORK if is_down else category_of(first(alert, "category", "type")),
        severity=_severity(alert, state, reading),
        title=first(alert, "title") or rule,
        message=lines(text(alert.get("msg")), *_faults(alert.get("faults"))),
        at=moment(alert.get("timestamp"), reading.zone),
        problem_id=first(alert, "alert_id", "id"),
        links=links_of({"url": alert.get("alert_url"), "runbook_url": alert.get("proc")}),
        acknowledged_by=(first(alert, "acknowledged_by") or "LibreNMS") if state == ACKNOWLEDGED else None,
    )


def _severity(alert: Document, state: str, reading: Reading) -> Severity:
    if state == RECOVERED:
        return Severity.CLEAR
    found = severity_of(text(alert.get("severity")), reading.words, reading.config.default_severity)
    return Severity.INFO if found is Severity.CLEAR else found


def _faults(faults: object) -> list[str]:
    """Return the matches of the rule: a list of objects with a text, or lines."""
    found = list(faults.values()) if isinstance(faults, dict) else faults
    if not isinstance(found, list):
        return [text(faults)]
    return [text(fault.get("string")) if isinstance(fault, dict) else text(fault) for fault in found]


FORMAT = Format(one_or_many, read)
