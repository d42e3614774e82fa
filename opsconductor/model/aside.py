"""What cannot be handled: set aside and kept for people to look at, so that it stops nothing else."""

import traceback
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

LARGEST = 256 * 1024
"""Bytes of one thing that are kept."""
LONGEST_REASON = 500


class AsideKind(StrEnum):
    """What was set aside."""

    EVENT = "event"
    """A message that neither its connector nor the engine can handle."""
    ALERT = "alert"
    """A row of `alerts` with which the engine cannot work; the row stays as it is."""
    CHANGE = "change"
    """A decision of the engine that PostgreSQL refuses."""
    NOTIFICATION = "notification"
    """A row of the outbox that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """One row of `set_aside`.

    Attributes:
        id: The same for the same thing, so that setting it aside again makes no second row.
        origin: The connector or channel.
        subject: The sender's address, or the id of the alert or notification.
        content: Its beginning, without secrets; `size` is the whole length in bytes.
    """

    id: UUID
    kind: AsideKind
    origin: str
    subject: str
    reason: str
    content: bytes
    size: int
    at: datetime


def set_aside(
    kind: AsideKind, *, origin: str, subject: str, reason: str, content: bytes, at: datetime
) -> SetAside:
    """Build the row of something that cannot be handled."""
    is_lasting = kind in (AsideKind.ALERT, AsideKind.NOTIFICATION)
    identity = "\0".join((kind, origin, subject, "" if is_lasting else str(at))).encode(errors="replace")
    digest = sha256(identity if is_lasting else identity + content).digest()
    return SetAside(
        id=UUID(bytes=digest[:16], version=4),
        kind=kind,
        origin=origin,
        subject=subject,
        reason=reason[:LONGEST_REASON],
        content=content[:LARGEST],
        size=len(content),
        at=at,
    )


def reason_of(error: BaseException) -> str:
    """Describe an error that nobody foresaw: its kind, its text and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({PurePath(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}"[: LONGEST_REASON - len(place)] + place
