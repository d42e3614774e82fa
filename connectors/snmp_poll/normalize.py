"""Normalization of the poller's reports; pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import ValidationError

from connectors.snmp_poll.report import PollFinding, PollReport
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.port import PORT
from opsconductor.model.normalized import NormalizedAlert, Snapshot

REASONS = {"bad_report": "the payload is not a report of the poller"}
"""All reasons of a DecodeError raised here."""

EVENTS_EXPIRE_AFTER = timedelta(hours=1)
"""An event has no end; as the trap coldStart is mapped."""


def normalize(raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
    """Return the problems, events or clears of a device.

    Raises:
        DecodeError: `bad_report`.
    """
    try:
        report = PollReport.model_validate_json(raw.payload)
    except ValidationError as error:
        raise DecodeError("bad_report", f"{error.error_count()} faults") from error
    if report.at.tzinfo is None:
        raise DecodeError("bad_report", "a time without zone")
    alerts = tuple(_alert(raw, report, finding) for finding in report.findings)
    if report.kind != "snapshot":
        return alerts
    return Snapshot(scope=f"{raw.connector}/{report.scope}", alerts=alerts, taken_at=report.at)


def _alert(raw: RawEvent, report: PollReport, finding: PollFinding) -> NormalizedAlert:
    is_over = report.kind == "over"
    return NormalizedAlert(
        source_system=raw.connector,
        alert_type=finding.alert_type,
        category=finding.category,
        severity=Severity.CLEAR if is_over else finding.severity,
        title=finding.title,
        message=finding.message,
        occurred_at=report.at,
        received_at=raw.received_at,
        device_ip=report.address,
        device_name=report.name,
        resource=finding.resource,
        is_clear=is_over,
        is_cutting=finding.is_cutting,
        expires_after=EVENTS_EXPIRE_AFTER if report.kind == "event" else None,
        custom_fields={PORT: finding.port} if finding.port else None,
        raw_data=lambda: _document(report, finding),
    )


def _document(report: PollReport, finding: PollFinding) -> Mapping[str, object]:
    return {
        "address": report.address,
        "looked_at": report.scope,
        "at": report.at.isoformat(),
        "found": finding.message,
    }
