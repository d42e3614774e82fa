"""A trap listener in the test's own event loop, and net-snmp's tools to talk to it."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from connectors.snmp_trap import TYPE
from connectors.snmp_trap.source import SnmpTrapSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.message.trap import Trap

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
IF_INDEX_7 = ("1.3.6.1.2.1.2.2.1.1.7", "i", "7")
TIMEOUT_S = 20.0

Result = TypeVar("Result")


@dataclass
class Intake:
    """Takes the listener's events; commits at once unless `is_committing` is off."""

    events: list[RawEvent] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rejections: list[tuple[str, str, str, str]] = field(default_factory=list)
    is_committing: bool = True
    has_room: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.has_room.set()

    async def emit(self, events: Sequence[RawEvent]) -> None:
        """Take events as the pipeline does: all of them, as soon as there is room."""
        await self.has_room.wait()
        self.events.extend(events)
        if self.is_committing:
            commit(events)

    def count(self, stage: str, reason: str = "", amount: int = 1) -> None:
        """Count into the loss ledger."""
        self.counts[stage, reason] += amount

    def reject(self, sender: str, reason: str, *, explanation: str, remedy: str, **_: object) -> None:
        """Record rejected messages, and why."""
        self.rejections.append((sender, reason, explanation, remedy))

    @property
    def traps(self) -> list[Trap]:
        """Return the decoded traps, in order."""
        return [event.parsed for event in self.events if isinstance(event.parsed, Trap)]


def commit(events: Sequence[RawEvent]) -> None:
    """Do what the pipeline does after the commit of these events."""
    for event in events:
        if event.on_commit is not None:
            event.on_commit()


@dataclass
class Listening:
    """A listener that runs."""

    source: SnmpTrapSource
    intake: Intake
    task: asyncio.Task[None]

    @property
    def port(self) -> int:
        """The first port."""
        return self.source.listening[0].port


@asynccontextmanager
async def listening(
    data_dir: Path,
    *,
    sockets: Sequence[socket.socket] = (),
    earlier: Sequence[bytes] = (),
    known: asyncio.Event | None = None,
    legacy: MutableMapping[str, Any] | None = None,
    **config: object,
) -> AsyncIterator[Listening]:
    """Run a listener, on 127.0.0.1 and a free port unless set otherwise, through its public `run`.

    Args:
        earlier: Keys of what was committed before.
        known: Set once these can be read; None: at once.
        legacy: What the listener before has left; without it the port is closed at the end.
    """
    intake = Intake()
    left = {} if legacy is None else legacy

    async def acknowledged() -> AsyncIterator[Sequence[bytes]]:
        if known is not None:
            await known.wait()
        yield earlier

    context = ConnectorContext(
        name="traps",
        data_dir=data_dir,
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=intake.count,
        rejected=intake.reject,
        sockets=sockets,
        acknowledged=acknowledged,
        handover=left,
    )
    source = TYPE.build(TYPE.config.model_validate({"listen": ["127.0.0.1:0"], **config}), context)
    task = asyncio.create_task(source.run(intake.emit))
    try:
        if known is None:
            await until(lambda: bool(source.listening) or task.done())  # type: ignore[attr-defined]
        if task.done():
            await task
        yield Listening(source=source, intake=intake, task=task)
    finally:
        task.cancel()
        await asyncio.wait([task])
        if legacy is None:
            for each in left.values():
                each.close()


async def until(condition: Callable[[], bool], patience_s: float = TIMEOUT_S) -> None:
    """Wait until a condition holds; fail after a while."""
    async with asyncio.timeout(patience_s):
        while not condition():
            await asyncio.sleep(0.002)


@dataclass(frozen=True)
class Ended:
    """The result of a command."""

    code: int
    output: str


class NetSnmp:
    """net-snmp's commands, with a state directory of their own, so that only they know the engine ID."""

    def __init__(self, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self._state = state

    async def snmptrap(self, *arguments: str, target: str, port: int | None = None) -> Ended:
        """Send linkDown of ifIndex 7 as v2c or v3 trap."""
        return await self._notify("snmptrap", *arguments, target=target, port=port)

    async def snmpinform(self, *arguments: str, target: str, port: int | None = None) -> Ended:
        """Send linkDown of ifIndex 7 as v2c or v3 inform, and wait for the answer."""
        return await self._notify("snmpinform", *arguments, target=target, port=port)

    async def run(self, *command: str) -> Ended:
        """Run a command of net-snmp."""
        environment = {
            **os.environ,
            "MIBS": "",
            "SNMPCONFPATH": str(self._state),
            "SNMP_PERSISTENT_DIR": str(self._state),
        }
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, output.decode())

    async def _notify(self, tool: str, *arguments: str, target: str, port: int | None) -> Ended:
        where = target if port is None else f"{target}:{port}"
        return await self.run(tool, *arguments, where, "", LINK_DOWN, *IF_INDEX_7)


async def gathered(jobs: Sequence[Callable[[], Awaitable[Result]]], at_once: int = 4) -> list[Result]:
    """Run jobs, a few at a time; return results in the order of the jobs."""
    gate = asyncio.Semaphore(at_once)

    async def one(job: Callable[[], Awaitable[Result]]) -> Result:
        async with gate:
            return await job()

    return await asyncio.gather(*(one(job) for job in jobs))
