"""Makes sure of alerts by looks at devices: before people are told, when a clear is overdue, after losses."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from opsconductor.app.live import Live
from opsconductor.config.watch_settings import VerifySettings
from opsconductor.connector.interface import Answer, Source, Verdict, Verifier
from opsconductor.errors import CommandError, StoreError
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.command import Command, Operator, Verified
from opsconductor.model.enums import Status
from opsconductor.model.normalized import is_polled
from opsconductor.pipeline.ledger import Ledger
from opsconductor.pipeline.looks import Looks

log = logging.getLogger(__name__)

LOOKERS = 20
"""Looks at a time; each waits for a device."""
LOOK_WITHIN_S = 10.0
MOST_WAITING = 10_000
SWEEP_EVERY_S = 15.0
PART = 1_000
"""So many alerts are gone through before others get their turn."""
KERNEL_DROP = "kernel_drop"

Tell = Callable[[Command], Awaitable[Alert]]


@dataclass(frozen=True, slots=True)
class Wish:
    """An alert that is to be looked at.

    Attributes:
        until: Later nobody wants to know any more: people are told without it.
    """

    alert: Alert
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest look at an alert."""

    answer: Answer
    at: datetime


@dataclass(slots=True)
class Verification:
    """Asks connectors for looks and tells the engine what they say.

    Attributes:
        sources: The connectors that run, by name; ask each time.
        open_alerts: Gives those of the engine that is at work now.
        tell: Gives a command to the engine; set before `run`.
    """

    settings: VerifySettings
    sources: Mapping[str, Source]
    ledger: Ledger
    open_alerts: Callable[[], Collection[Alert]]
    tell: Tell = field(init=False)
    _waiting: asyncio.Queue[Wish] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    _pending: set[UUID] = field(default_factory=set)
    _seen: dict[UUID, Seen] = field(default_factory=dict)

    @property
    def looks(self) -> Looks:
        """What the engine is to know of it."""
        return Looks(wants=self._wants, hold_time=self.settings.hold_time)

    def note(self, changes: Changes) -> None:
        """Look at what is held for a look, once for each report of it."""
        for alert in (*changes.created, *changes.updated):
            if _is_held(alert) and self._wants(alert):
                seen = self._seen.get(alert.id)
                if seen is None or seen.at < alert.last_occurrence_at:
                    self._wish(alert)

    async def run(self) -> None:
        """Look at what is asked for and at what is due, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(LOOKERS):
                tasks.create_task(self._look_forever(), name=f"look {number}")
            await self._sweep_forever()

    def _wants(self, alert: Alert) -> bool:
        return alert.alert_type in self.settings.alert_types and verifier_of(alert, self.sources) is not None

    def _wish(self, alert: Alert) -> None:
        """Have an alert looked at before people are told; while too many wait, they are told without."""
        if alert.id not in self._pending and not self._waiting.full():
            self._pending.add(alert.id)
            self._waiting.put_nowait(Wish(alert, until=alert.notify_at))

    async def _sweep_forever(self) -> None:
        lost: int | None = None  # after a start everything is looked at
        while True:
            lost_by_now = sum(entry.amount for entry in self.ledger.entries() if entry.stage == KERNEL_DROP)
            await self._sweep(is_all=lost != lost_by_now)
            lost = lost_by_now
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _sweep(self, *, is_all: bool) -> None:
        alerts = list(self.open_alerts())
        self._seen = {alert.id: self._seen[alert.id] for alert in alerts if alert.id in self._seen}
        for start in range(0, len(alerts), PART):
            await self._ask_for(alerts[start : start + PART], is_all=is_all)
            await asyncio.sleep(0)

    async def _ask_for(self, alerts: Iterable[Alert], *, is_all: bool) -> None:
        """Look at alerts that no poller ends by itself, all of them or those that are overdue."""
        overdue_since = datetime.now(UTC) - self.settings.overdue_after
        for alert in alerts:
            seen = self._seen.get(alert.id)
            last_at = max(alert.last_occurrence_at, seen.at) if seen else alert.last_occurrence_at
            is_due = is_all or last_at <= overdue_since
            is_new = alert.id not in self._pending and not is_polled(alert.snapshot_scope)
            if is_due and is_new and verifier_of(alert, self.sources):
                self._pending.add(alert.id)
                await self._waiting.put(Wish(alert))

    async def _look_forever(self) -> None:
        while True:
            wish = await self._waiting.get()
            self._pending.discard(wish.alert.id)
            if wish.until is None or datetime.now(UTC) < wish.until:
                await self._look(wish.alert)

    async def _look(self, alert: Alert) -> None:
        found = verifier_of(alert, self.sources)
        if found is None:
            return
        name, verifier = found
        looked_at = datetime.now(UTC)
        verdict = await _verdict_of(name, verifier, alert)
        before, self._seen[alert.id] = self._seen.get(alert.id), Seen(verdict.answer, looked_at)
        is_news = before is None or before.answer is not verdict.answer
        if not (is_news or verdict.answer is Answer.OVER or _is_held(alert)):
            return
        is_over = None if verdict.answer is Answer.UNKNOWN else verdict.answer is Answer.OVER
        command = Verified(
            alert_id=alert.id,
            operator=Operator(name=name),
            is_over=is_over,
            looked_at=looked_at,
            notes=verdict.told,
        )
        (outcome,) = await asyncio.gather(self.tell(command), return_exceptions=True)
        if isinstance(outcome, BaseException):  # over meanwhile, or it will be looked at again
            is_foreseen = isinstance(outcome, (CommandError, StoreError))
            log.log(
                logging.DEBUG if is_foreseen else logging.ERROR,
                "a look came to nothing",
                extra={"alert_id": str(alert.id), "error": repr(outcome)},
            )


def verification_of(live: Live, sources: Mapping[str, Source]) -> Verification:
    """Build the verification, and let every engine know of which alerts it makes sure."""
    verification = Verification(
        settings=live.settings.verify,
        sources=sources,
        ledger=live.ledger,
        open_alerts=lambda: live.open_alerts().values(),
    )
    live.looks = verification.looks
    return verification


def verifier_of(alert: Alert, sources: Mapping[str, Source]) -> tuple[str, Verifier] | None:
    """Find who can look at what an alert is about; what somebody has seen himself needs no second look."""
    for name, source in list(sources.items()):  # asked in a thread too, while connectors come and go
        verifier: Any = source
        if name != alert.source_system and hasattr(source, "verify") and verifier.can_verify(alert):
            return name, verifier
    return None


async def _verdict_of(name: str, verifier: Verifier, alert: Alert) -> Verdict:
    """Let a connector look once, whatever it does."""
    try:
        async with asyncio.timeout(LOOK_WITHIN_S):
            (outcome,) = await asyncio.gather(verifier.verify(alert), return_exceptions=True)
    except TimeoutError:
        return Verdict(answer=Answer.UNKNOWN, told=f"no answer within {LOOK_WITHIN_S:g} s")
    if isinstance(outcome, Verdict):
        return outcome
    log.error("a connector cannot look", extra={"connector": name, "error": repr(outcome)})
    return Verdict(answer=Answer.UNKNOWN, told="the look failed")


def _is_held(alert: Alert) -> bool:
    return alert.status is Status.ACTIVE and alert.notify_at is not None
