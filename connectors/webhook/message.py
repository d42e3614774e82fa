"""The HTTP request of a notification: JSON and its signature."""

import hashlib
import hmac
import json
from datetime import datetime

from opsconductor.model.notifications.notification import Notification

VERSION = 1
"""Incremented when a field changes its meaning or is removed, not for new fields."""


def body_of(notification: Notification) -> bytes:
    """Return the JSON document; see README.md for its fields."""
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
        "acknowledge_url": notification.acknowledge_url or None,
        "alert": notification.facts,
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def headers_of(notification: Notification, body: bytes, key: bytes | None, now: datetime) -> dict[str, str]:
    """Return the headers that identify a retry and prove the sender.

    Args:
        notification: Its id is the same for every attempt.
        body: The exact bytes of the request.
        key: Shared with the receiver; None: not signed.
        now: Part of the signed text, so that an old message cannot be replayed.
    """
    timestamp = str(int(now.timestamp()))
    headers = {
        "Idempotency-Key": str(notification.id),
        "X-OpsConductor-Delivery": str(notification.id),
        "X-OpsConductor-Timestamp": timestamp,
    }
    if key is not None:
        headers["X-OpsConductor-Signature"] = f"sha256={signature(key, timestamp, body)}"
    return headers


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of `timestamp.body`, in hexadecimal."""
    return hmac.new(key, timestamp.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()
