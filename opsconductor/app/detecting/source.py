"""Built-in source of the alerts about measured values."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.measured.anomaly import AlertState
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.text import without_placeholders

SOURCE_SYSTEM = "measurements"
"""Name of the built-in source, reserved."""
FIELDS = (
    "device_key", "device_name", "metric", "resource", "anomaly_type", "category", "severity",
    "algorithm_used", "members", "explanation", "rule_violations",
)  # fmt: skip
OF_LIMITS = frozenset({"threshold", "expression"})
SEVERITIES: Mapping[bool, Mapping[str, Severity]] = {
    True: {"medium": Severity.WARNING, "critical": Severity.CRITICAL},
    False: {
        "low": Severity.INFO,
        "medium": Severity.WARNING,
        "high": Severity.MINOR,
        "critical": Severity.MINOR,
    },
}
"""Severity of alerts by that of the anomaly; to be rarer than rare does not make a finding worse."""
LONGEST_TITLE = 255


class MeasurementSource:
    """Converts anomalies to reports; the task of the detector emits them."""

    async def run(self, emit: Emit) -> None:
        """Do nothing: the task of the detector emits the events."""
        del emit
        await asyncio.Event().wait()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Return the reports that `event_of` has encoded.

        Raises:
            NormalizeError: `no_document`: it is something else.
        """
        try:
            return [_alert(row, raw) for row in json.loads(raw.payload)["anomalies"]]
        except (ValueError, KeyError, TypeError) as error:
            raise NormalizeError("no_document", repr(error)) from error

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the event unchanged: there is no secret in it."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Return success: there is nothing to connect to."""
        return CheckResult(ok=True, message="watches measured values")


def event_of(rows: Sequence[Mapping[str, Any]], at: datetime) -> RawEvent:
    """Return an event that reports rows of `anomalies`, or that they are over."""
    written = [
        {
            "id": str(row["id"]),
            "at": row["detected_at"].isoformat(),
            "is_over": row["alert_state"] == AlertState.CLEAR,
            "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
            **{name: row[name] for name in FIELDS},
        }
        for row in rows
    ]
    payload = json.dumps({"anomalies": written}, separators=(",", ":")).encode()
    return RawEvent(connector=SOURCE_SYSTEM, payload=payload, received_at=at, local="measurements")


def _alert(row: Mapping[str, Any], raw: RawEvent) -> NormalizedAlert:
    is_over = bool(row["is_over"])
    by_address = _is_address(row["device_key"])
    explanation = row["explanation"]
    severity = SEVERITIES[row["algorithm_used"] in OF_LIMITS][row["severity"]]
    occurred_at = datetime.fromisoformat(row["ended_at"] or row["at"]) if is_over else _began(row)
    title = without_placeholders(str(explanation.get("title", "")))
    fields: dict[str, object] = {"anomaly_id": row["id"]}
    if row["metric"]:
        fields["metric"] = row["metric"]
    if row["rule_violations"]:
        fields["alert_rule"] = row["rule_violations"][0]
    if row["members"]:
        fields["anomaly_members"] = row["members"]
    return NormalizedAlert(
        source_system=SOURCE_SYSTEM,
        alert_type=row["anomaly_type"],
        category=Category(row["category"]),
        severity=Severity.CLEAR if is_over else severity,
        title=title[:LONGEST_TITLE],
        message="\n".join(map(str, explanation.get("sentences", ()))),
        resource=row["resource"],
        is_clear=is_over,
        occurred_at=min(occurred_at, raw.received_at),
        received_at=raw.received_at,
        device_ip=row["device_key"] if by_address else None,
        device_name=row["device_name"] if by_address else row["device_key"],
        custom_fields=fields,
        raw_data=lambda: dict(row),
    )


def _began(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(row["at"]).astimezone(UTC)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
