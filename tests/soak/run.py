"""One run: break, heal, wait for the next answer, judge, and again."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.soak.daemon import StoppedBadlyError
from tests.soak.faults import DECK, Fault
from tests.soak.faults.surroundings import ClockAhead, ClockBehind
from tests.soak.oracle import WAITING, Oracle
from tests.soak.postgres import connect
from tests.soak.report import Report
from tests.soak.stage import Stage

ANSWER_WITHIN_S = 60.0
DRAINED_WITHIN_S = 120.0
OUTBOX_WITHIN_S = 90.0
PAUSE_S = (0.3, 2.0)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run on its stage.

    Attributes:
        say: Prints the progress.
        haste: 1: as given; smaller: faults last and rest so much shorter.
    """

    stage: Stage
    oracle: Oracle
    report: Report
    say: Say
    haste: float = 1.0

    async def go_through(self, faults: Iterator[type[Fault]], until_s: float) -> None:
        """Inject one fault after the other while load runs, until the time is over or none is left."""
        for kind in faults:
            if time.monotonic() >= until_s:
                return
            await asyncio.sleep(self.haste * self.stage.chance.uniform(*PAUSE_S))
            await self._survive(kind())
            await self.oracle.look()
            self.report.memory_kib.append(self.stage.daemon.memory_kib())

    async def conclude(self) -> None:
        """Judge everything; nothing is sent any more."""
        await self.stage.load.settle()
        await self._drained()
        await self._outbox_empty()
        await self.oracle.look_at_all()
        await self.oracle.look_at_notifications(self.stage.receiver)
        await self.oracle.look_at_ledger()
        self.report.memory_kib.append(self.stage.daemon.memory_kib())
        self.report.lives = self.stage.daemon.life
        self.report.doctor = await self._doctor()

    async def _survive(self, fault: Fault) -> None:
        """Inject a fault; when the daemon does not obey, that is a broken law, and the run continues."""
        try:
            await self._happen(fault)
        except StoppedBadlyError as error:
            self.oracle.verdict.blame(f"{fault.name}: {error}")
            await fault.heal(self.stage)

    async def _happen(self, fault: Fault) -> None:
        stage = self.stage
        entry = self.report.of(fault.name)
        entry.times += 1
        before = stage.load.acknowledged
        self.say(f"{fault.name} ...")
        if isinstance(fault, (ClockAhead, ClockBehind)):
            self.oracle.is_clock_wrong = True
        await fault.inject(stage)
        await asyncio.sleep(self.haste * stage.chance.uniform(*fault.hold_s))
        entry.answered += stage.load.acknowledged - before
        started = time.monotonic()
        answer = asyncio.create_task(self._next_answer(fault))
        await fault.heal(stage)
        entry.recovery_s.append(await answer - started)
        await self._drained()
        entry.drained_s.append(time.monotonic() - started)
        self.say(f"{fault.name}: next answer after {entry.recovery_s[-1]:.2f} s")

    async def _next_answer(self, fault: Fault) -> float:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self.stage.load.next_answer()
        except TimeoutError:
            self.oracle.verdict.blame(f"no answer for {ANSWER_WITHIN_S:.0f} s after {fault.name}")
        return time.monotonic()

    async def _drained(self) -> None:
        try:
            async with asyncio.timeout(DRAINED_WITHIN_S):
                while not await self.stage.daemon.is_connected():
                    await asyncio.sleep(0.1)
        except TimeoutError:
            self.oracle.verdict.blame(f"PostgreSQL does not have everything after {DRAINED_WITHIN_S:.0f} s")

    async def _outbox_empty(self) -> None:
        connection = await connect(self.stage.postgres)
        try:
            async with asyncio.timeout(OUTBOX_WITHIN_S):
                while await connection.fetchval(WAITING):
                    await asyncio.sleep(0.2)
        except TimeoutError:
            self.say("the outbox is not empty")
        finally:
            await connection.close()

    async def _doctor(self) -> str:
        """Ask the daemon's own doctor."""
        status, output = await self.stage.daemon.ended("doctor")
        if status != 0:
            self.oracle.verdict.blame(f"doctor ends with {status}: {output}")
            return "unwell"
        return "healthy"


def rounds(chance: random.Random, deck: Mapping[type[Fault], int] = DECK) -> Iterator[type[Fault]]:
    """Draw faults without end: each round all of them in another order."""
    while True:
        cards = [kind for kind, amount in deck.items() for _ in range(amount)]
        chance.shuffle(cards)
        yield from cards


@asynccontextmanager
async def loaded(stage: Stage) -> AsyncIterator[None]:
    """Make the devices send while the context lasts."""
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(stage.load.run(), name="load")
        yield
        sending.cancel()
