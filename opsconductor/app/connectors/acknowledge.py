"""Forwarding of acknowledgements to the systems that alerts came from."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.connector.interface import Acknowledger
from opsconductor.engine.operators.overrides import OPERATOR
from opsconductor.errors import Rejected, Unreachable
from opsconductor.guard import guarded
from opsconductor.limits import Backoff
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.command import Note, Operator
from opsconductor.model.enums import HistoryAction, Status
from opsconductor.notify.sending import text_of
from opsconductor.pipeline.loop import PipelineLoop

log = logging.getLogger(__name__)

MOST_WAITING = 1_000
"""Maximum number of acknowledgements in progress; more are dropped with a log entry."""
AT_A_TIME = 2
"""Concurrent calls to one system."""
WITHIN_S = 40.0
"""Timeout of one attempt in seconds; longer than the timeouts of the connectors."""
RETRY = Backoff()


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementRequest:
    """An acknowledgement to forward."""

    alert_id: UUID
    by: str
    note: str
    since: datetime


class Acknowledgements:
    """Forwards acknowledgements by operators to the sources that support it.

    Each is retried with growing pauses for a day, as long as the alert stays acknowledged. An acknowledgement
    that came from a source is never sent back to it. They are kept in memory; after a restart the alerts
    themselves show what their sources do not know yet.
    """

    def __init__(self, acknowledger: Callable[[str], Acknowledger | None], retry: Backoff = RETRY) -> None:
        self._acknowledger = acknowledger
        self._retry = retry
        self._requests: dict[UUID, AcknowledgementRequest] = {}
        self._wake = asyncio.Event()
        self._places: dict[str, asyncio.Semaphore] = {}
        self._running: dict[UUID, asyncio.Task[None]] = {}

    def enqueue(self, changes: Changes) -> None:
        """Queue the acknowledgements in committed changes, without waiting."""
        acknowledged = [
            entry
            for entry in changes.history
            if entry.action is HistoryAction.ACKNOWLEDGED and entry.rule == OPERATOR
        ]
        if acknowledged:
            alerts = {alert.id: alert for alert in changes.updated}
            self._add(
                AcknowledgementRequest(
                    alert_id=each.alert_id,
                    by=each.user_name or "",
                    note=each.notes or "",
                    since=each.created_at,
                )
                for each in acknowledged
                if each.alert_id in alerts and self._is_forwarded(alerts[each.alert_id])
            )

    def recall(self, alerts: Iterable[Alert], now: datetime) -> None:
        """Queue acknowledgements made before this start that may not have been forwarded."""
        self._add(
            AcknowledgementRequest(
                alert_id=alert.id, by=alert.acknowledged_by or "", note="", since=alert.acknowledged_at
            )
            for alert in alerts
            if alert.acknowledged_at is not None
            and alert.id not in self._requests
            and not self._retry.is_over(now - alert.acknowledged_at)
            and self._is_forwarded(alert)
        )

    async def forward_forever(self, worker: PipelineLoop) -> None:
        """Forward queued acknowledgements, and those of earlier runs, until cancelled."""
        self.recall(worker.stages.engine.open_alerts(), datetime.now(UTC))
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._requests:
                    request = self._requests.pop(next(iter(self._requests)))
                    before = self._running.get(request.alert_id)
                    if before is not None:
                        before.cancel()
                    task = tasks.create_task(
                        self._send(request, worker), name=f"acknowledge {request.alert_id}"
                    )
                    self._running[request.alert_id] = task
                    task.add_done_callback(self._forgetter(request.alert_id))

    def _is_forwarded(self, alert: Alert) -> bool:
        """Return True if the source of an alert supports acknowledging and was not informed yet."""
        is_news = alert.status is Status.ACKNOWLEDGED and alert.source_acknowledged_by is None
        return is_news and self._acknowledger(alert.source_system) is not None

    def _add(self, requests: Iterable[AcknowledgementRequest]) -> None:
        dropped = 0
        for request in requests:
            if len(self._requests) + len(self._running) < MOST_WAITING:
                self._requests[request.alert_id] = request
            else:
                dropped += 1
        if dropped:
            log.warning("too many acknowledgements wait, some are not forwarded", extra={"amount": dropped})
        self._wake.set()

    def _forgetter(self, alert_id: UUID) -> Callable[[asyncio.Task[None]], None]:
        def forget(task: asyncio.Task[None]) -> None:
            if self._running.get(alert_id) is task:
                del self._running[alert_id]

        return forget

    async def _send(self, request: AcknowledgementRequest, worker: PipelineLoop) -> None:
        failures = 0
        while True:
            alert = worker.stages.engine.get(request.alert_id)
            if alert is None or not self._is_forwarded(alert):
                return
            error = await self._attempt(alert, request)
            if error is None:
                return
            if not isinstance(error, (Unreachable, TimeoutError)):
                await _note(
                    alert, f"{alert.source_system} does not accept the acknowledgement", error, worker
                )
                return
            if self._retry.is_over(datetime.now(UTC) - request.since):
                await _note(
                    alert, f"{alert.source_system} was not informed of the acknowledgement", error, worker
                )
                return
            failures += 1
            await asyncio.sleep(self._retry.random_pause_s(failures))

    async def _attempt(self, alert: Alert, request: AcknowledgementRequest) -> Exception | None:
        """Forward once; return what went wrong, if anything."""
        name = alert.source_system
        async with self._places.setdefault(name, asyncio.Semaphore(AT_A_TIME)):
            source = self._acknowledger(name)
            if source is None:
                return Rejected(f"{name} is not running any more")
            with guarded() as attempt:
                async with asyncio.timeout(WITHIN_S):
                    await source.acknowledge(alert, request.by, request.note)
        return attempt.error


async def _note(alert: Alert, what: str, error: Exception, worker: PipelineLoop) -> None:
    """Record once, in the log and in the alert's history, that the system was not informed."""
    log.warning(
        "an acknowledgement could not be forwarded to the alert's source",
        extra={"connector": alert.source_system, "alert_id": str(alert.id), "error": text_of(error)},
    )
    remark = Note(
        alert_id=alert.id,
        operator=Operator(name=alert.source_system),
        notes=f"{what}: {text_of(error)}",
    )
    with guarded():  # the alert may be gone by now
        await worker.command(remark)
