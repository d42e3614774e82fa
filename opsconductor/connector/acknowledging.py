"""Acknowledgement of an alert from a message: its outcome, as text for the person."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from opsconductor.model.alert import Alert


class AckState(StrEnum):
    """Kind of outcome of an acknowledgement."""

    DONE = "done"
    ALREADY = "already"
    OVER = "over"
    UNKNOWN = "unknown"
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AckOutcome:
    """Outcome of an acknowledgement.

    Attributes:
        text: One sentence for the person who asked.
        alert: As it is now; None: unknown.
    """

    state: AckState
    text: str
    alert: Alert | None = None


AcknowledgeAlert = Callable[[UUID, str], Awaitable[AckOutcome]]
"""Acknowledge the alert of an id in the name of a person; raises nothing that is foreseen."""


async def not_connected(alert_id: UUID, by: str) -> AckOutcome:
    """Acknowledge nothing: in previews, checks and tests."""
    del alert_id, by
    return AckOutcome(state=AckState.UNKNOWN, text="This alert is not known.")
