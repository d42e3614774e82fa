"""Built-in source whose alerts on the daemon itself are processed like all others."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot
from opsconductor.selfcheck.watch.trouble import SOURCE_SYSTEM, Trouble

FIELDS = ("alert_type", "severity", "title", "message", "resource")
DEVICE_FIELDS = ("category", "device_ip", "device_name")
STORMS = f"{SOURCE_SYSTEM}/storms"


class SelfSource:
    """Returns a snapshot of what is wrong with the daemon; what is missing from it is over.

    The watcher emits its events; nothing has to run here.
    """

    async def run(self, emit: Emit) -> None:
        """Do nothing: `Watcher` emits the events."""
        del emit

    def normalize(self, raw: RawEvent) -> Snapshot:
        """Return the event that `event_of` has encoded.

        Raises:
            NormalizeError: `no_document`: it is something else.
        """
        try:
            document = json.loads(raw.payload)
            alerts = tuple(_alert(raw, document["host"], trouble) for trouble in document["troubles"])
        except (ValueError, KeyError, TypeError) as error:
            raise NormalizeError("no_document", repr(error)) from error
        return Snapshot(scope=document.get("scope", SOURCE_SYSTEM), alerts=alerts, taken_at=raw.received_at)

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the event unchanged: there is no secret in it."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Return success: there is nothing to connect to."""
        return CheckResult(ok=True, message="watches the daemon itself")


def event_of(troubles: Sequence[Trouble], host: str) -> RawEvent:
    """Return an event with what is wrong with the daemon on a host."""
    rows = [{name: getattr(trouble, name) for name in FIELDS} for trouble in troubles]
    return RawEvent(
        connector=SOURCE_SYSTEM,
        payload=json.dumps({"host": host, "troubles": rows}).encode(),
        received_at=datetime.now(UTC),
        local=host,
    )


def storms_of(reports: Sequence[NormalizedAlert], host: str) -> RawEvent:
    """Return an event with the current storms, as the daemon on a host sees them."""
    rows = [{name: getattr(report, name) for name in (*FIELDS, *DEVICE_FIELDS)} for report in reports]
    return RawEvent(
        connector=SOURCE_SYSTEM,
        payload=json.dumps({"host": host, "scope": STORMS, "troubles": rows}).encode(),
        received_at=datetime.now(UTC),
        local=host,
    )


def _alert(raw: RawEvent, host: str, trouble: dict[str, str]) -> NormalizedAlert:
    return NormalizedAlert(
        source_system=SOURCE_SYSTEM,
        alert_type=trouble["alert_type"],
        category=Category(trouble.get("category", Category.APPLICATION)),
        severity=Severity(trouble["severity"]),
        title=trouble["title"],
        message=trouble["message"],
        resource=trouble["resource"],
        occurred_at=raw.received_at,
        received_at=raw.received_at,
        device_ip=trouble.get("device_ip"),
        device_name=trouble.get("device_name", host),
        raw_data=lambda: dict(trouble),
    )
