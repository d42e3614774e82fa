"""What cannot be processed: set aside and kept for inspection, so that it blocks nothing else."""

import traceback
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from opsconductor.model.masking import known_secrets
from opsconductor.model.text import storable_text

LARGEST = 256 * 1024
"""Maximum number of bytes kept of one item."""
CORE = "opsconductor"
CHECKS = "opsconductor.connector.checking."
"""Code that refuses what a connector has returned or called with: its own lines are never the place."""
OURS = (CORE, "connectors")
LONGEST_REASON = 500


class AsideKind(StrEnum):
    """Kind of what was set aside."""

    EVENT = "event"
    """A message that its connector or the engine cannot process."""
    ALERT = "alert"
    """A row of `alerts` with which the engine cannot work; the row stays unchanged."""
    CHANGE = "change"
    """A decision of the engine that PostgreSQL rejects, or state of the engine that cannot be read."""
    NOTIFICATION = "notification"
    """A row of the outbox that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """One row of `set_aside`.

    Attributes:
        id: Derived from the content, so that setting the same aside again makes no second row.
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
    """Return the row of something that cannot be processed."""
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
    """Describe an unexpected error: its type, its text and the line of the connector, or of the daemon."""
    place = _place(error)
    text = known_secrets.hide(storable_text(f"{type(error).__name__}: {error}"))
    return text[: LONGEST_REASON - len(place)] + place


def _place(error: BaseException) -> str:
    """Return file and line; a library that a connector has called is no place to look for the fault."""
    frames = list(traceback.walk_tb(error.__traceback__))
    names = [str(frame.f_globals.get("__name__", "")) for frame, _ in frames]
    packages = [name.partition(".")[0] for name in names]
    if names and names[-1].startswith(CHECKS):
        while packages and packages[-1] == CORE:
            packages.pop()
    if not packages:
        return ""
    at = max((number for number, package in enumerate(packages) if package in OURS), default=-1)
    if at < 0 or packages[at] == CORE:  # what follows is a third-party connector, and the libraries it calls
        at = min(at + 1, len(packages) - 1)
        while packages[at] != CORE and at + 1 < len(packages) and packages[at + 1] == packages[at]:
            at += 1
    frame, line = frames[at]
    return f" ({PurePath(frame.f_code.co_filename).name}:{line})"
