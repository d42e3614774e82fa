"""Attempts to deliver a notification while the outbox is away, to be stored with the other changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class AttemptStatus(StrEnum):
    """State of an attempt. Begun: its outcome is unknown if nothing follows."""

    BEGUN = "begun"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """One attempt; of several of one notification the last counts.

    Attributes:
        id: Of the notification.
        attempt: 1 for the first.
        at: When it began or ended.
        error: Why it was given up; empty unless it failed.
        detail: The channel's proof (`HTTP 202`) if it was sent.
        metadata: What the channel keeps of a message that was sent.
    """

    id: UUID
    attempt: int
    status: AttemptStatus
    at: datetime
    error: str = ""
    subject: str = ""
    detail: str = ""
    response_time: timedelta = timedelta(0)
    metadata: Mapping[str, object] = field(default_factory=dict)
