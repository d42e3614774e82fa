"""Verification of alerts by polling the device: before notifying, when a clear is overdue, after losses."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.config.sections.watch import VerifySettings
from opsconductor.connector.interface import Verifier, VerifyResult, VerifyState
from opsconductor.engine.state import VerificationPolicy
from opsconductor.errors import CommandError, StoreError
from opsconductor.guard import guarded
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.command import Command, Operator, Verified
from opsconductor.model.enums import Status
from opsconductor.model.normalized import is_polled
from opsconductor.pipeline.failing import FailureLog

log = logging.getLogger(__name__)

LOOKERS = 20
"""Maximum number of concurrent polls; each waits for a device."""
LOOK_WITHIN_S = 10.0
MOST_WAITING = 10_000
SWEEP_EVERY_S = 15.0
PART = 1_000
"""Alerts examined before yielding to other tasks."""
KERNEL_DROP = "kernel_drop"

SendCommand = Callable[[Command], Awaitable[Alert]]


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """An alert to verify.

    Attributes:
        until: After this time the result is useless, since the alert is notified without it.
    """

    alert: Alert
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """The latest verification of an alert."""

    answer: VerifyState
    at: datetime


@dataclass(slots=True)
class Verification:
    """Verifies alerts through connectors and sends the results to the engine.

    Attributes:
        verifiers: The running connectors that can poll devices, by name.
    """

    settings: VerifySettings
    verifiers: Mapping[str, Verifier]
    ledger: Ledger
    failure_log: FailureLog = field(default_factory=FailureLog)
    _waiting: asyncio.Queue[VerificationRequest] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    _pending: set[UUID] = field(default_factory=set)
    _seen: dict[UUID, Observation] = field(default_factory=dict)

    @property
    def looks(self) -> VerificationPolicy:
        """The engine's view of verification."""
        return VerificationPolicy(
            verifiers=self.verifiers.keys(), applies_to=self._applies_to, hold_time=self.settings.hold_time
        )

    def note(self, changes: Changes) -> None:
        """Queue the alerts held for verification, once for each report."""
        for alert in (*changes.created, *changes.updated):
            if _is_held(alert) and self._applies_to(alert):
                seen = self._seen.get(alert.id)
                if seen is None or seen.at < alert.last_occurrence_at:
                    self._enqueue(alert)

    async def run(self, send: SendCommand, open_alerts: Callable[[], Collection[Alert]]) -> None:
        """Verify queued alerts and those that are due, until cancelled.

        Args:
            send: Sends a command to the engine.
            open_alerts: Returns the open alerts of the current engine.
        """
        async with asyncio.TaskGroup() as tasks:
            for number in range(LOOKERS):
                tasks.create_task(self._look_forever(send), name=f"verify {number}")
            await self._sweep_forever(open_alerts)

    def _applies_to(self, alert: Alert) -> bool:
        return alert.alert_type in self.settings.alert_types and self.verifier_of(alert) is not None

    def verifier_of(self, alert: Alert) -> tuple[str, Verifier] | None:
        """Return a connector that can verify an alert, other than the one that reported it."""
        for name, verifier in list(self.verifiers.items()):  # in a thread, too, while connectors change
            if name != alert.source_system and self._can_verify(name, verifier, alert):
                return name, verifier
        return None

    def _can_verify(self, name: str, verifier: Verifier, alert: Alert) -> bool:
        """Return whether a connector can verify an alert; False if its code fails."""
        with guarded() as asking:
            return verifier.can_verify(alert)
        assert asking.error is not None
        self.failure_log.record(
            "a connector failed to decide whether it verifies an alert", asking.error, {"connector": name}
        )
        return False

    def _enqueue(self, alert: Alert) -> None:
        """Queue an alert for verification before it is notified, unless the queue is full."""
        if alert.id not in self._pending and not self._waiting.full():
            self._pending.add(alert.id)
            self._waiting.put_nowait(VerificationRequest(alert, until=alert.notify_at))

    async def _sweep_forever(self, open_alerts: Callable[[], Collection[Alert]]) -> None:
        lost: int | None = None  # after a start everything is looked at
        while True:
            lost_by_now = sum(entry.amount for entry in self.ledger.entries() if entry.stage == KERNEL_DROP)
            await self._sweep(list(open_alerts()), is_all=lost != lost_by_now)
            lost = lost_by_now
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _sweep(self, alerts: Sequence[Alert], *, is_all: bool) -> None:
        self._seen = {alert.id: self._seen[alert.id] for alert in alerts if alert.id in self._seen}
        for start in range(0, len(alerts), PART):
            await self._ask_for(alerts[start : start + PART], is_all=is_all)
            await asyncio.sleep(0)

    async def _ask_for(self, alerts: Iterable[Alert], *, is_all: bool) -> None:
        """Queue alerts that no poller ends by itself, all of them or those that are overdue."""
        overdue_since = datetime.now(UTC) - self.settings.overdue_after
        for alert in alerts:
            seen = self._seen.get(alert.id)
            last_at = max(alert.last_occurrence_at, seen.at) if seen else alert.last_occurrence_at
            is_due = is_all or last_at <= overdue_since
            is_new = alert.id not in self._pending and not is_polled(alert.snapshot_scope)
            if is_due and is_new and self.verifier_of(alert):
                self._pending.add(alert.id)
                await self._waiting.put(VerificationRequest(alert))

    async def _look_forever(self, send: SendCommand) -> None:
        while True:
            request = await self._waiting.get()
            self._pending.discard(request.alert.id)
            if request.until is None or datetime.now(UTC) < request.until:
                await self._look(request.alert, send)

    async def _look(self, alert: Alert, send: SendCommand) -> None:
        found = self.verifier_of(alert)
        if found is None:
            return
        name, verifier = found
        looked_at = datetime.now(UTC)
        verdict = await self._verdict_of(name, verifier, alert)
        before, self._seen[alert.id] = self._seen.get(alert.id), Observation(verdict.answer, looked_at)
        is_news = before is None or before.answer is not verdict.answer
        if not (is_news or verdict.answer is VerifyState.OVER or _is_held(alert)):
            return
        is_over = None if verdict.answer is VerifyState.UNKNOWN else verdict.answer is VerifyState.OVER
        command = Verified(
            alert_id=alert.id,
            operator=Operator(name=name),
            is_over=is_over,
            looked_at=looked_at,
            notes=verdict.finding,
        )
        with guarded() as sending:
            await send(command)
        if sending.error is not None:  # over meanwhile, or it will be looked at again
            is_foreseen = isinstance(sending.error, (CommandError, StoreError))
            log.log(
                logging.DEBUG if is_foreseen else logging.ERROR,
                "a verification failed",
                extra={"alert_id": str(alert.id), "error": repr(sending.error)},
            )

    async def _verdict_of(self, name: str, verifier: Verifier, alert: Alert) -> VerifyResult:
        """Verify one alert through a connector, guarded against its errors."""
        with guarded() as looking:
            async with asyncio.timeout(LOOK_WITHIN_S):
                verdict = await verifier.verify(alert)
                if not isinstance(verdict, VerifyResult):
                    raise TypeError(f"verify returned {type(verdict).__name__} instead of a VerifyResult")
                if not (isinstance(verdict.answer, VerifyState) and isinstance(verdict.finding, str)):
                    raise TypeError(
                        "verify returned a VerifyResult whose answer is no VerifyState or finding not str"
                    )
                return verdict
        if isinstance(looking.error, TimeoutError):
            return VerifyResult(answer=VerifyState.UNKNOWN, finding=f"no answer within {LOOK_WITHIN_S:g} s")
        assert looking.error is not None
        self.failure_log.record("a connector failed to verify an alert", looking.error, {"connector": name})
        return VerifyResult(answer=VerifyState.UNKNOWN, finding="the verification failed")


def _is_held(alert: Alert) -> bool:
    return alert.status is Status.ACTIVE and alert.notify_at is not None
