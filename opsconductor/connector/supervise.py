"""Supervision of a source or inventory: restart with backoff, one log line when down and one when back."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeVar

from opsconductor.errors import ConnectorError, ContractError
from opsconductor.guard import guarded
from opsconductor.limits import Backoff
from opsconductor.model.aside import reason_of
from opsconductor.model.enums import ConnectorStatus

log = logging.getLogger(__name__)

RESTART = Backoff(first=timedelta(seconds=2), longest=timedelta(minutes=1))
STOP_WITHIN_S = 10.0
"""How long a reload or the end of the daemon waits for a connector that is cancelled or closed."""
Feed_contra = TypeVar("Feed_contra", contravariant=True)
Report = Callable[[ConnectorStatus, str | None], None]
"""Called with the new status of a connector and, when it fails, the reason."""


class Runner(Protocol[Feed_contra]):
    """A source, an inventory, or the work of a channel beside sending."""

    async def run(self, feed: Feed_contra, /) -> None:
        """Run until cancelled, emitting or publishing what there is."""


def _ignore_polling() -> None:
    """Ignore the start of a poll: the default."""


@dataclass(slots=True)
class ConnectorHealth:
    """State of one source across its restarts.

    Attributes:
        settled: Set once it is known whether the source works.
        has_alerts: It can report its failures by alerts of its own.
        is_reported: It fails, and has reported so by an alert.
        report_polling: Called when a poll begins.
        lacks: What is missing while it works only partly.
    """

    name: str
    report: Report
    report_polling: Callable[[], None] = _ignore_polling
    has_alerts: bool = True
    failures: int = 0
    is_reported: bool = False
    lacks: str = ""
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    def report_up(self) -> None:
        """Record that it is connected; log it if it was down before."""
        if self.failures or self.lacks:
            log.info("connector is back", extra={"connector": self.name})
        self.lacks = ""
        self._is_up(ConnectorStatus.CONNECTED, None)

    def degraded(self, lacks: str) -> None:
        """Record that it works only partly; log it if that is new.

        Args:
            lacks: What is missing, and the remedy.
        """
        if lacks != self.lacks:
            log.warning("connector works only partly", extra={"connector": self.name, "error": lacks})
        self.lacks = lacks
        self._is_up(ConnectorStatus.DEGRADED, lacks)

    def _is_up(self, status: ConnectorStatus, lacks: str | None) -> None:
        self.failures = 0
        self.is_reported = False
        self.report(status, lacks)
        self.settled.set()

    def report_down(self, error: Exception) -> None:
        """Record that its system does not answer; it raises an alert of its own if it can."""
        self.failed(error)
        self.is_reported = self.has_alerts

    def failed(self, error: Exception) -> None:
        """Record that it stopped; log it the first time, with a traceback for unexpected errors."""
        self.failures += 1
        self.is_reported = False
        is_foreseen = isinstance(error, (ConnectorError, OSError))
        text = str(error) if is_foreseen and str(error) else reason_of(error)
        self.report(ConnectorStatus.ERROR, text)
        self.settled.set()
        if self.failures == 1:
            log.error(
                "connector is down, trying again",
                extra={"connector": self.name, "error": text},
                exc_info=None if is_foreseen else error,
            )


async def supervise(source: Runner[Feed_contra], feed: Feed_contra, health: ConnectorHealth) -> None:
    """Run a connector until cancelled, whatever it raises; returning counts as a failure.

    A connector that catches its cancellation and ends by itself is not run again. The pauses grow also when
    each run is connected for a moment.
    """
    clock = asyncio.get_running_loop().time
    short_runs = 0
    while True:
        began = clock()
        error = await _run_apart(source, feed, health.name)
        short_runs = short_runs + 1 if clock() - began < RESTART.longest.total_seconds() else 1
        health.failed(error or ContractError("run returned; it must run until it is cancelled"))
        await asyncio.sleep(RESTART.random_pause_s(max(health.failures, short_runs)))


async def _run_apart(source: Runner[Feed_contra], feed: Feed_contra, name: str) -> Exception | None:
    """Run a connector in a task of its own until it ends, and return what it raised.

    If it does not end when it is cancelled, it is given up: a reload and the end of the daemon would wait for
    it for ever.
    """
    supervising = asyncio.current_task()
    assert supervising is not None
    running = asyncio.create_task(_error_of(source, feed), name=supervising.get_name())
    try:
        await asyncio.wait({running})
    finally:
        if not running.done():
            running.cancel()
            await asyncio.wait({running}, timeout=STOP_WITHIN_S)
            _note_stop(running, name)
    return running.result()


async def _error_of(source: Runner[Feed_contra], feed: Feed_contra) -> Exception | None:
    with guarded() as running:
        await source.run(feed)
    return running.error


def _note_stop(running: "asyncio.Task[Exception | None]", name: str) -> None:
    """Log that a connector does not stop, or has failed meanwhile."""
    if not running.done():
        log.error(
            "a connector does not stop: its code must end when it is cancelled",
            extra={"connector": name, "seconds": STOP_WITHIN_S},
        )
    elif not running.cancelled() and (error := running.result()) is not None:
        extra = {"connector": name, "error": str(error)}
        log.error("a connector failed while it was stopped", extra=extra, exc_info=error)
