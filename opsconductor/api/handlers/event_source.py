"""The built-in source for events reported by scripts: `POST /api/v1/events`."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from ipaddress import ip_address
from typing import NamedTuple

from pydantic import ValidationError

from opsconductor.api.handlers.reported import ReportedEvent
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.errors import NormalizeError
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert

SOURCE_SYSTEM = "api"
PARSED_BYTES = 64 * 1024
"""Events of up to this many bytes stay parsed until they are normalized; else only the bytes are kept."""


class ParsedEvents(NamedTuple):
    """The events of a request.

    Attributes:
        given: What the reporter has given of each event, as JSON.
        by: Name of the API key.
    """

    events: Sequence[ReportedEvent]
    given: Sequence[Mapping[str, object]]
    by: str


class EventSource:
    """Converts the events of a request to reports; the request handler submits them."""

    async def run(self, emit: Emit) -> None:
        """Do nothing: the endpoint emits the events."""
        del emit
        await asyncio.Event().wait()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Return the event that `event_of` has encoded.

        Raises:
            NormalizeError: `no_document`: it is something else.
        """
        parsed = raw.parsed if isinstance(raw.parsed, ParsedEvents) else _parsed(raw.payload)
        return [
            _alert(event, given, parsed.by, raw)
            for event, given in zip(parsed.events, parsed.given, strict=True)
        ]

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the event unchanged: it has no field for a secret."""
        return raw.payload

    async def check(self) -> CheckResult:
        """Return success: there is nothing to connect to."""
        return CheckResult(ok=True, message="accepts events at /api/v1/events")


def event_of(events: Sequence[ReportedEvent], by: str, *, peer: str, at: datetime) -> RawEvent:
    """Return a raw event that holds a reported event.

    Args:
        by: Name of the API key.
    """
    given = [event.model_dump(mode="json", exclude_defaults=True) for event in events]
    payload = json.dumps({"by": by, "events": given}, separators=(",", ":")).encode()
    return RawEvent(
        connector=SOURCE_SYSTEM,
        payload=payload,
        received_at=at,
        peer=peer,
        local="/api/v1/events",
        parsed=ParsedEvents(events, given, by) if len(payload) <= PARSED_BYTES else None,
    )


def _parsed(payload: bytes) -> ParsedEvents:
    """Parse what `event_of` has encoded.

    Raises:
        NormalizeError: `no_document`: it is something else.
    """
    try:
        document = json.loads(payload)
        given = document["events"]
        events = [ReportedEvent.model_validate(each) for each in given]
        return ParsedEvents(events, given, str(document["by"]))
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise NormalizeError("no_document", repr(error)) from error


def _alert(event: ReportedEvent, given: Mapping[str, object], by: str, raw: RawEvent) -> NormalizedAlert:
    over = event.clear or event.severity is Severity.CLEAR
    by_address = _is_address(event.device)
    category, _, what = event.alert_type.partition("_")
    return NormalizedAlert(
        source_system=SOURCE_SYSTEM,
        source_alert_id=event.id or "",
        device_ip=event.device if by_address else None,
        device_name=None if by_address else event.device,
        alert_type=event.alert_type,
        category=Category(category),
        severity=Severity.CLEAR if over else event.severity,
        resource=event.resource,
        title=event.title or what.replace("_", " ").capitalize(),
        message=event.message,
        is_clear=over,
        is_cutting=event.cutting and not over,
        expires_after=None if event.expires_after is None else parse_duration(event.expires_after),
        occurred_at=event.occurred_at or raw.received_at,
        received_at=raw.received_at,
        tags=event.tags,
        custom_fields={"reported_by": by},
        raw_data=partial(dict, given),
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
