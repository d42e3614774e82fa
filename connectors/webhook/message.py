"""The HTTP request of a notification: JSON and its signature."""

import hashlib
import hmac
import json
from datetime import datetime

from opsconductor.model.notification import Notification

VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""


def body_of(notification: Notification) -> bytes:
    """Write the JSON document; see README.md for its fields."""
    document = {
        "version": VERSION,
        "id": str(notification.id),
        "kind": notification.kind.value,
        "attempt": notification.attempt,
        "created_at": notification.created_at.isoformat(),
        "rule": notification.rule_name,
        "recipient": notification.recipient,
        "subject": notification.subject,
        "text": notification.text,
        "url": notification.url or None,
        "alert": notification.facts,
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def headers_of(notification: Notification, body: bytes, key: bytes | None, now: datetime) -> dict[str, str]:
    """Write the headers by which the receiver knows a repetition, and that the message is ours.

    Args:
        notification: Its id is the same for every attempt.
        body: The very bytes that are posted.
        key: What is shared with the receiver; None: not signed.
        now: Part of what is signed, so that an old message cannot be replayed.
    """
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": str(notification.id),
        "X-OpsConductor-Delivery": str(notification.id),
        "X-OpsConductor-Timestamp": timestamp,
    }
    if key is not None:
        headers["X-OpsConductor-Signature"] = f"sha256={signature(key, timestamp, body)}"
    return headers


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """Sign `timestamp.body` with HMAC-SHA256, in hexadecimal."""
    return hmac.new(key, timestamp.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()
