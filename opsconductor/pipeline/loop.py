"""The only task that uses the engine: batches, operator commands and timers, one after another."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter

from opsconductor import metrics
from opsconductor.config.settings import LimitSettings
from opsconductor.engine.engine import Engine
from opsconductor.errors import CommandError, StoreFenced
from opsconductor.guard import guarded, guarded_data
from opsconductor.ledger.ledger import Key
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes
from opsconductor.model.command import Command
from opsconductor.model.event import RawEvent
from opsconductor.pipeline.batch import Stages, acknowledge, keys_of, reported_keys_of, run_batch
from opsconductor.pipeline.failing import LoopState, aside_event
from opsconductor.pipeline.grouping import CommitGroup
from opsconductor.pipeline.in_flight import InFlight
from opsconductor.pipeline.intake import Intake
from opsconductor.pipeline.slicing import garbage_collector
from opsconductor.pipeline.stamp_clock import StampClock

LONGEST_SLEEP_S = 1.0
LINGER_S = 0.2
"""Seconds that the loop waits for more events under load, so that repeats are folded before they cost."""
BUSY_EVENTS = 200
"""Batch size from which the daemon counts as under load."""
MOST_NEW_ALERTS = 1_500
"""New and changed alerts in one batch that block the event loop for about 30 ms; a repeat costs a tenth."""

WHOLE = metrics.batch_seconds.labels("whole")

Step = Callable[[Engine, datetime], Changes]
"""A call of the engine between two batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineTask:
    """A step and the future of its commit."""

    step: Step
    done: asyncio.Future[Changes]


class PipelineLoop:
    """Runs batches through the stages and commits what the engine decides.

    Args of the constructor:
        stages: The live parts; `replace_stages` swaps them on reload.
        rebuild: Loads a new engine from the database, after an unexpected failure of the old.
        clock: Stamps messages; every time that it follows is passed to the engine.
    """

    def __init__(
        self,
        stages: Stages,
        *,
        intake: Intake,
        limits: LimitSettings,
        rebuild: Callable[[], Awaitable[Engine]],
        clock: StampClock,
    ) -> None:
        self._stages = stages
        self._intake = intake
        self._limits = limits
        self._rebuild = rebuild
        self._clock = clock
        self._at_most = limits.batch_events
        self._group = CommitGroup(intake)
        self._jobs: deque[EngineTask] = deque()
        self._in_hand: Sequence[RawEvent] = ()
        self._state = LoopState()
        self._stopping = False

    @property
    def stages(self) -> Stages:
        """The live parts."""
        return self._stages

    @property
    def in_flight(self) -> InFlight:
        """The engine's changes that are not committed."""
        return self._stages.in_flight

    def open_alerts(self) -> Collection[Alert]:
        """Return the open alerts of the current engine."""
        return self._stages.engine.open.values()

    @property
    def failure(self) -> str:
        """The latest failure as text while the loop keeps failing; empty: it works."""
        return self._state.error

    async def run(self) -> None:
        """Run until `finish` was called and everything received is committed."""
        while not (self._stopping and not self._intake and not self._jobs):
            await self._wait()
            while self._jobs:
                await self._do(self._jobs.popleft())
            if self._group.senders:
                await self._group.gather(lambda: self._stopping or bool(self._jobs))
            batch = self._intake.take(self._at_most)
            if batch:
                self._in_hand = batch
                await self._handle(batch)
                self._in_hand = ()
            is_busy = len(batch) >= BUSY_EVENTS
            del batch
            if is_busy:
                garbage_collector.finish()
            await self._guard(self._tick)
            if is_busy and not self._stopping:
                await asyncio.sleep(LINGER_S)

    def finish(self) -> None:
        """Make `run` return once everything received is committed."""
        self._stopping = True
        self._intake.wake.set()

    async def command(self, command: Command) -> Alert:
        """Execute an operator's command; return the alert once it is committed.

        Raises:
            AlertNotFound: The engine has no such alert.
            AlertConflict: The alert's state does not allow it, or differs from what the operator saw.
            CommandExpired: It was to be executed earlier.
        """
        await self.ask(lambda engine, now: engine.command(command, now))
        alert = self._stages.engine.get(command.alert_id)
        assert alert is not None
        return alert

    async def ask(self, step: Step) -> Changes:
        """Run a step between two batches; return its changes once they are committed."""
        job = EngineTask(step=step, done=asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._intake.wake.set()
        return await job.done

    def levels(self) -> Counter[Key]:
        """Count by connector the events in progress: held by a source, in the intake or in the current batch.

        Exact at every moment: the outcome of a batch is counted at the moment it leaves.
        """
        levels = self._intake.levels()
        for connector, amount in Counter(event.connector for event in self._in_hand).items():
            levels[Key(connector, "waiting")] += amount
        return levels

    def replace_stages(self, stages: Stages) -> None:
        """Swap the parts for those of a new configuration; the next batch uses them."""
        self._stages = stages

    async def _wait(self) -> None:
        due = self._stages.engine.next_due()
        pause = LONGEST_SLEEP_S
        if due is not None:
            pause = min(pause, max(0.0, (due - self._clock.now()) / timedelta(seconds=1)))
        try:
            async with asyncio.timeout(pause):
                await self._intake.wake.wait()
        except TimeoutError:
            return
        self._intake.wake.clear()

    async def _handle(self, batch: Sequence[RawEvent]) -> None:
        """Run a batch; if it fails unexpectedly, set aside the events that cause it.

        Each is tried by itself, with an engine that is known to work without it.
        """
        if await self._guard(partial(self._run, batch)) is None:
            return
        for done, raw in enumerate(batch, 1):
            failure = await self._guard(partial(self._run, [raw]))
            if failure is not None:
                await self._guard(partial(self._set_aside, raw, failure))
                self._stages.ledger.count(raw.connector, "failed", type(failure).__name__)
            self._in_hand = batch[done:]

    async def _set_aside(self, raw: RawEvent, failure: Exception) -> None:
        """Set aside an event that cannot be processed; its sender need not send it again."""
        aside = (aside_event(raw, failure, self._stages.sources, self._stages.failure_log),)
        changes = Changes(aside=aside, keys=keys_of([raw]), reported=reported_keys_of([raw]))
        await self._stages.commit(changes)
        acknowledge([raw], self._stages.failure_log)

    async def _run(self, batch: Sequence[RawEvent]) -> None:
        started = perf_counter()
        changes = await run_batch(batch, self._stages, self._clock.follow())
        took_s = perf_counter() - started
        self._group.note(sum(1 for raw in batch if raw.on_commit is not None), took_s)
        self._size_next(len(changes.created) + len(changes.updated))
        WHOLE.observe(took_s)
        metrics.commit_latency_seconds.observe((self._clock.now() - batch[0].received_at).total_seconds())
        metrics.alerts_folded.inc(changes.folded)
        metrics.alerts_created.inc(len(changes.created))
        metrics.clears_unmatched.inc(len(changes.unmatched_clears))
        metrics.intake_waiting.set(len(self._intake))

    def _size_next(self, new_or_changed: int) -> None:
        """Make the next batch smaller while many alerts are new, to keep the event loop responsive."""
        if new_or_changed > MOST_NEW_ALERTS:
            self._at_most = max(self._at_most // 2, BUSY_EVENTS)
        else:
            self._at_most = min(self._at_most * 2, self._limits.batch_events)

    async def _do(self, job: EngineTask) -> None:
        """Run a queued task and resolve its future; CommandError leaves the engine unchanged."""
        if job.done.cancelled():
            return
        failure = await self._guard(partial(self._conclude, job))
        if failure is not None and not job.done.done():
            job.done.set_exception(failure)

    async def _conclude(self, job: EngineTask) -> None:
        try:
            changes = job.step(self._stages.engine, self._clock.follow())
        except CommandError as error:
            job.done.set_exception(error)
            return
        await self._commit(changes)
        if not job.done.done():
            job.done.set_result(changes)

    async def _tick(self) -> None:
        due = self._stages.engine.next_due()
        if due is not None and due <= self._clock.now():
            await self._commit(self._stages.engine.tick(self._clock.follow()))

    async def _commit(self, changes: Changes) -> None:
        """Commit and announce the changes of a step."""
        self.in_flight.add(changes)
        place = await self._stages.commit(changes)
        self.in_flight.clear()
        self._stages.announce(changes, place)

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> Exception | None:
        """Run a function; after an unexpected failure, load the engine's state from the database again.

        What was decided but not committed is lost with the old engine, and was not acknowledged.
        """
        with guarded() as working:
            await work()
        if isinstance(working.error, StoreFenced):
            raise working.error  # another daemon works on this database: nothing may be written here
        if working.error is None:
            self._state.worked()
        else:
            self._note(working.error)
            await self._start_anew()
        return working.error

    async def _start_anew(self) -> None:
        """Replace the engine by a new one, as soon as one can be loaded that works."""
        while True:
            with guarded_data() as making:
                self._stages = replace(self._stages, engine=await self._rebuild())
            if making.error is None:
                self.in_flight.clear()
                return
            self._note(making.error)
            await asyncio.sleep(self._state.pause_s)

    def _note(self, error: Exception) -> None:
        self._state.failed(error)
        self._stages.failure_log.record("the pipeline failed, reloading the engine", error)
