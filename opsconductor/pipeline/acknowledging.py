"""Acknowledgement from a message, by a link or a button: a command to the engine, answered in words."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opsconductor.connector.acknowledging import AckOutcome, AckState
from opsconductor.errors import CommandError, StoreError
from opsconductor.model.alert import Alert
from opsconductor.model.command import Acknowledge, Command, Operator
from opsconductor.model.enums import OPEN_STATUSES, Status

TIMEOUT_S = 15.0
"""Longer than the database and the spool together may take to store a change."""
UNSETTLED = "This could not be stored now. Please try again in a minute."


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAcknowledger:
    """Acknowledges alerts in the name of people.

    Attributes:
        command: Executes a command, and returns once the change is committed.
        find: Returns an open or recently closed alert, or None.
    """

    command: Callable[[Command], Awaitable[Alert]]
    find: Callable[[UUID], Alert | None]

    async def acknowledge(self, alert_id: UUID, by: str) -> AckOutcome:
        """Acknowledge an alert, unless it is acknowledged already, or over.

        Args:
            by: Name for history and messages.
        """
        try:
            async with asyncio.timeout(TIMEOUT_S):
                alert = await self.command(Acknowledge(alert_id=alert_id, operator=Operator(name=by)))
        except CommandError:
            return standing_of(self.find(alert_id)) or AckOutcome(state=AckState.UNSETTLED, text=UNSETTLED)
        except (StoreError, TimeoutError):
            return AckOutcome(state=AckState.UNSETTLED, text=UNSETTLED, alert=self.find(alert_id))
        return AckOutcome(state=AckState.DONE, text=f"Acknowledged by {by}.", alert=alert)


def standing_of(alert: Alert | None) -> AckOutcome | None:
    """Return why an alert cannot be acknowledged any more; None: it can."""
    if alert is None:
        return AckOutcome(state=AckState.UNKNOWN, text="This alert is not known any more.")
    if alert.status is Status.ACKNOWLEDGED:
        by = alert.acknowledged_by or "an unknown user"
        text = f"This is already acknowledged by {by}{_since(alert.acknowledged_at)}."
        return AckOutcome(state=AckState.ALREADY, text=text, alert=alert)
    if alert.status not in OPEN_STATUSES:
        text = f"This problem is over{_since(alert.resolved_at)}. Nothing is to be done."
        return AckOutcome(state=AckState.OVER, text=text, alert=alert)
    return None


def _since(at: datetime | None) -> str:
    return f", since {at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
