"""Parser for messages: one JSON object per line."""

import json
from collections.abc import Mapping
from contextlib import suppress

from opsconductor.connector.language.json_text import read_json
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert

REASONS = {
    "no_json": "the line is not a JSON object",
    "no_device": "the message names no device",
}
"""Every reason of a DecodeError or NormalizeError raised here."""


def decode(payload: bytes) -> Mapping[str, object]:
    """Return the object in a line; raises DecodeError."""
    try:
        document = read_json(payload.decode())
    except (ValueError, RecursionError) as error:
        raise DecodeError("no_json") from error
    if not isinstance(document, dict):
        raise DecodeError("no_json")
    return document


def report_of(raw: RawEvent) -> NormalizedAlert:
    """Return the report of a message; raises DecodeError or NormalizeError."""
    message = decode(raw.payload)
    device, problem = _text(message, "device"), _text(message, "problem")
    if not device:
        raise NormalizeError("no_device")
    is_clear = message.get("over") is True
    severity = Severity.WARNING  # a severity that is not known does not drop the message
    with suppress(ValueError):
        severity = Severity(_text(message, "severity"))
    return NormalizedAlert(
        source_system=raw.connector,
        alert_type="application_acme_problem",
        category=Category.APPLICATION,
        severity=Severity.CLEAR if is_clear else severity,
        title=f"Acme {problem or 'Problem'} - {{device_name}}",
        occurred_at=raw.received_at,
        received_at=raw.received_at,
        device_ip=device,
        resource=f"problem={problem}" if problem else "",
        message=_text(message, "text"),
        is_clear=is_clear,
        raw_data=lambda: without_token(message),
    )


def without_token(message: Mapping[str, object]) -> dict[str, object]:
    """Return a message with its secret removed."""
    return {key: value for key, value in message.items() if key != "token"}


def redacted(raw: RawEvent) -> bytes:
    """Return the line with its secret removed; raises DecodeError."""
    return json.dumps(without_token(decode(raw.payload))).encode()


def _text(message: Mapping[str, object], key: str) -> str:
    value = message.get(key)
    return value if isinstance(value, str) else ""
