"""Golden cases of sources: a recorded input, and the expected reports.

A case is a folder with `input.*` (the payload of the raw event, as `run` or `receive` emits it),
`expected.json` and, if the defaults are not suitable, `case.yaml` (`description`, `config`, `peer`, `local`).
`default.yaml` beside the folder `cases` holds a `config` for all of them.

`expected.json` is a list of alerts; `{"scope": ..., "alerts": [...]}` for a snapshot; or
`{"invalid": REASON}` for what is counted instead.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from opsconductor.connector.checking.report_check import ReportChecks
from opsconductor.connector.connector_type import SourceType
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot, bounded

RECEIVED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""Time of reception of every recorded input; other times in alerts are visible by it."""


def cases_in(folder: Path) -> list[Path]:
    """Return the cases in a connector's folder, each a folder with an `input.*`."""
    return sorted(path.parent for path in folder.glob("cases/*/input.*"))


def case_faults(connector_type: SourceType, folder: Path, data_dir: Path) -> Iterator[str]:
    """Yield the differences between the cases in a connector's folder and what they expect."""
    cases = cases_in(folder)
    if not cases:
        yield f"{folder / 'cases'} has no case: record one as NAME/input.json with NAME/expected.json"
    for case in cases:
        expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
        found = outcome_of(connector_type, case, data_dir)
        if found != expected:
            yield f"{case / 'expected.json'}: the input becomes {json.dumps(found)}"


def outcome_of(connector_type: SourceType, case: Path, data_dir: Path) -> object:
    """Return the result of a case, JSON-ready."""
    given = {**_read(case.parents[1] / "default.yaml"), **_read(case / "case.yaml")}
    context = ConnectorContext(name=connector_type.name, data_dir=data_dir)
    source = connector_type.build(connector_type.validated(given.get("config", {})), context)
    (payload,) = case.glob("input.*")
    raw = RawEvent(
        connector=connector_type.name,
        payload=payload.read_bytes(),
        received_at=RECEIVED_AT,
        peer=given.get("peer", ""),
        local=given.get("local", ""),
    )
    checks = ReportChecks(connector_type.name)
    try:
        found = bounded(checks.checked(source.normalize(raw)), RECEIVED_AT)
    except (DecodeError, NormalizeError) as error:
        return {"invalid": error.reason}
    if isinstance(found, Snapshot):
        return {"scope": found.scope, "alerts": [as_json(alert) for alert in found.alerts]}
    return [as_json(alert) for alert in found]


def as_json(alert: NormalizedAlert) -> dict[str, object]:
    """Return an alert in the form of `expected.json`: the message as lines, empty values omitted."""
    fields: dict[str, object] = {
        "device_ip": alert.device_ip,
        "device_name": alert.device_name,
        "device_aliases": {alias.kind: alias.value for alias in alert.device_aliases},
        "alert_type": alert.alert_type,
        "category": alert.category,
        "severity": alert.severity,
        "resource": alert.resource,
        "title": alert.title,
        "message": alert.message.split("\n") if alert.message else [],
        "is_clear": alert.is_clear,
        "is_cutting": alert.is_cutting,
        "acknowledged_by": alert.acknowledged_by,
        "source_alert_id": alert.source_alert_id,
        "has_problem_id": alert.has_problem_id,
        "tags": list(alert.tags),
        "custom_fields": dict(alert.custom_fields or {}),
        "expires_after_s": alert.expires_after.total_seconds() if alert.expires_after else None,
        "raw_data": alert.raw_data(),
    }
    if alert.occurred_at != RECEIVED_AT:
        fields["occurred_at"] = alert.occurred_at.isoformat()
    written: dict[str, object] = json.loads(
        json.dumps({key: value for key, value in fields.items() if value not in (None, {}, [], "", False)})
    )
    return written


def _read(path: Path) -> Mapping[str, Any]:
    """Return the content of an optional YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}
