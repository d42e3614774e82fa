"""What the engine has decided and the database does not have yet, for reads that combine both."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.enums import OPEN_STATUSES, HistoryAction

LONGEST_WAIT_S = 0.25
REOPENED = HistoryAction.REOPENED
"""Looked up once, see `enums.CLEAR`."""


class InFlight:
    """Changes between a step of the engine and their commit.

    An alert that a step closes is no longer among the engine's open alerts and not yet among the closed ones
    of the database: `closing` has it. The history of an alert is behind its state: `settled` waits for it.

    Attributes:
        reopened: Number of times that an alert was reopened.

    The pipeline loop writes this; all calls belong to the event loop's thread.
    """

    def __init__(self) -> None:
        self.reopened = 0
        self._steps: list[Changes] = []
        self._before: Sequence[Alert] | None = None
        self._committed = asyncio.Event()
        self._committed.set()

    def add(self, step: Changes) -> Changes:
        """Record the changes of a step; return them."""
        self._steps.append(step)
        self.reopened += sum(1 for entry in step.history if entry.action is REOPENED)
        self._committed.clear()
        return step

    async def step_in_thread(self, opened: Sequence[Alert], step: Callable[[], Changes]) -> Changes:
        """Run a long step in a thread and record its changes.

        Args:
            opened: The open alerts before the step, which readers get while it runs.
        """
        self._before = opened
        try:
            return self.add(await asyncio.to_thread(step))
        finally:
            self._before = None

    def clear(self) -> None:
        """Forget all steps: they are durable, or their engine is replaced."""
        self._steps.clear()
        self._committed.set()

    @property
    def opened_before(self) -> Sequence[Alert] | None:
        """Return the open alerts before the step that runs in a thread; None: no such step runs."""
        return self._before

    def closing(self) -> list[Alert]:
        """Return the alerts that are closed by changes which are not committed."""
        return [alert for alert in self._latest().values() if alert.status not in OPEN_STATUSES]

    def opening(self) -> set[UUID]:
        """Return the ids of the alerts that are open by changes which are not committed."""
        return {number for number, alert in self._latest().items() if alert.status in OPEN_STATUSES}

    def _latest(self) -> dict[UUID, Alert]:
        return {alert.id: alert for step in self._steps for alert in (*step.created, *step.updated)}

    async def settled(self, alert_id: UUID, within_s: float = LONGEST_WAIT_S) -> None:
        """Wait until what has happened to an alert is committed; repeats do not count.

        Args:
            within_s: The wait is at most this long: senders wait longer while the database does not answer.
        """
        if self._concerns(alert_id):
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._committed.wait()

    def _concerns(self, alert_id: UUID) -> bool:
        return any(alert.id == alert_id for step in self._steps for alert in (*step.created, *step.updated))
