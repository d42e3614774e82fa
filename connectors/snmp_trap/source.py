"""The source of traps: opens its ports, and reads from each into the intake until it is stopped."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from connectors.snmp_trap.check import check_opening, check_running
from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.normalize import normalize
from connectors.snmp_trap.receiving.drops import DropWatch, SeenDrops
from connectors.snmp_trap.receiving.handover import Handover
from connectors.snmp_trap.receiving.port import ENOUGH_BYTES, TrapPort
from connectors.snmp_trap.receiving.reception import TrapReceiver
from connectors.snmp_trap.receiving.samples import Samples
from connectors.snmp_trap.receiving.sockets import close_all, grow_buffer, open_ports, warn_of_small_buffer
from connectors.snmp_trap.sender import AccessList, Forwarders
from opsconductor import metrics
from opsconductor.connector.context import ConnectorContext, Count
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.snmp.message.record import redacted
from opsconductor.snmp.security.engine import LocalEngine, start_engine
from opsconductor.snmp.security.usm import UsmReceiver

log = logging.getLogger(__name__)

AT_MOST = 150
"""Datagrams read at once: about 3 ms of work, so that other tasks can run."""

PAUSE_S, LONGEST_PAUSE_S = 0.005, 0.02
"""Pause after the port was drained: datagrams of a storm are then read in batches, which costs half of
reading them one by one. The first datagram after silence is read at once.
"""
STORM_S = 0.05
"""In a storm `AT_MOST` datagrams come within this time."""

LAST_EMIT_S = 2.0
"""At the end, time to wait for room in the intake for datagrams already read."""


class SnmpTrapSource:
    """Receives traps and informs on all its ports until cancelled.

    Attributes:
        listening: Current addresses, with the ports that the kernel chose; empty: not listening.
        samples: Beginnings of the latest undecodable messages, by reason.
    """

    def __init__(self, config: SnmpTrapConfig, context: ConnectorContext) -> None:
        self.listening: tuple[ListenAddress, ...] = ()
        self.samples = Samples()
        self._config = config
        self._context = context
        self._is_forwarder = Forwarders(config.trusted_forwarders)
        self._ports: Sequence[TrapPort] = ()
        self._receives: TrapReceiver | None = None
        self._handover: Handover = context.handover.setdefault("listener", Handover())

    async def run(self, emit: Emit) -> None:
        """Open the ports, serve them until cancelled, close them.

        Raises:
            Rejected: A port can never be opened this way; the message contains the remedy.
            Unreachable: A port is in use.
            OSError: The data directory cannot be written, or a socket breaks.
        """
        engine = await asyncio.to_thread(start_engine, self._file("json"), time.monotonic())
        self._ports = await asyncio.to_thread(self._open_ports)
        try:
            granted = self._grow_buffers()
            await self._recall()
            self._log_listening(engine, granted)
            await self._serve(engine, emit)
        except OSError:
            self._handover.close()
            raise
        finally:
            self.listening = ()
            close_all(self._ports)
            self._ports = ()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert]:
        """Return the reports of one trap under the current mappings."""
        return normalize(
            raw,
            mappings=self._context.mappings(),
            facts=self._context.facts(),
            vendor_of=self._context.vendor_of,
            is_forwarder=self._is_forwarder,
        )

    def redacted(self, raw: RawEvent) -> bytes:
        """Return what the archive may keep of a trap."""
        return redacted(raw)

    async def check(self) -> CheckResult:
        """Check that the ports can be opened, or are open, and report the buffer sizes."""
        if self._ports:
            unnamed = self._receives.unnamed_forwarders if self._receives else ()
            return check_running(self._config, self._ports, unnamed)
        return await asyncio.to_thread(check_opening, self._config, self._context)

    def _file(self, what: str) -> Path:
        """Return the path of a persistent file, separate for each connector."""
        return self._context.data_dir / "snmp" / f"{quote(self._context.name, safe='')}.{what}"

    def _open_ports(self) -> Sequence[TrapPort]:
        listen = self._config.listen
        self._handover.keep(listen)
        return open_ports(listen, self._context.sockets, self._handover.open)

    def _grow_buffers(self) -> Mapping[str, int]:
        """Request receive buffers; return the bytes granted to each port."""
        wanted, all_granted = self._config.receive_buffer_bytes, {}
        for port in self._ports:
            granted = all_granted[port.name] = grow_buffer(port, wanted)
            metrics.receive_buffer_bytes.labels(self._context.name, port.name).set(granted)
            if granted < wanted:
                warn_of_small_buffer(port, wanted, granted)
        return all_granted

    async def _recall(self) -> None:
        """Load the keys of committed informs; the open ports keep what arrives meanwhile."""
        informs = self._handover.informs
        if informs.is_recalled:
            return
        async for keys in self._context.acknowledged():
            informs.recall(keys, time.monotonic())
        informs.is_recalled = True

    def _log_listening(self, engine: LocalEngine, granted: Mapping[str, int]) -> None:
        for port in self._ports:
            log.info(
                "listening for traps",
                extra={
                    "connector": self._context.name,
                    "listen": port.name,
                    "granted": granted[port.name],
                    "engine_id": engine.engine_id.hex(),
                },
            )
        self.listening = tuple(port.listens_at for port in self._ports)
        self._context.report_up()

    async def _serve(self, engine: LocalEngine, emit: Emit) -> None:
        self._receives = reception = self._reception(engine)
        seen = SeenDrops(self._file("drops.json"))
        await asyncio.to_thread(seen.load, self._ports)
        watch = DropWatch(self._context.name, self._ports, self._context.count, seen=seen)
        watch.first_look()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(watch.run(), name="kernel drops")
                for port in self._ports:
                    listener = TrapListener(port, reception, self._context.count)
                    tasks.create_task(listener.run(emit), name=f"listen {port.name}")
        except (
            ExceptionGroup
        ) as group:  # one broken socket ends all: raise its fault, not that of the task group
            raise group.exceptions[0] from None
        finally:
            watch.last_look()

    def _reception(self, engine: LocalEngine) -> TrapReceiver:
        users = [user.as_usm_user() for user in self._config.snmpv3_users]
        return TrapReceiver(
            self._context,
            access=AccessList(self._config),
            usm=UsmReceiver(users, engine),
            samples=self.samples,
            informs=self._handover.informs,
            is_forwarder=self._is_forwarder,
        )


def pause_s(amount: int, size: int, within_s: float) -> float:
    """Return the seconds until a drained port is read again.

    In a storm, until about as much waits as is read at once: a wake-up costs as much as ten datagrams.

    Args:
        amount: Datagrams that came within `within_s` seconds.
        size: Their bytes.
    """
    full_s = within_s / max(amount / AT_MOST, size / ENOUGH_BYTES)
    return min(max(full_s, PAUSE_S), LONGEST_PAUSE_S) if full_s <= STORM_S else PAUSE_S


class TrapListener:
    """The loop of one port from socket to intake."""

    def __init__(self, port: TrapPort, reception: TrapReceiver, count: Count) -> None:
        self._port = port
        self._reception = reception
        self._count = count
        self._held: list[RawEvent] = []
        self._came = self._came_bytes = 0
        self._drained_at_s = time.monotonic()

    async def run(self, emit: Emit) -> None:
        """Read and submit until cancelled; then submit what a closing socket still holds."""
        try:
            while True:
                await self._turn(emit)
        finally:
            await self._finish(emit)

    async def _turn(self, emit: Emit) -> None:
        datagrams = self._port.receive(AT_MOST)
        if not datagrams:
            await self._port.readable()
            return
        self._held = self._reception.admit(datagrams, self._port)
        self._came += len(datagrams)
        self._came_bytes += sum([len(payload) for payload, _ in datagrams])
        await self._hand_on(emit)
        await asyncio.sleep(self._pause_s() if self._port.is_drained else 0)

    def _pause_s(self) -> float:
        now_s = time.monotonic()
        found = pause_s(self._came, self._came_bytes, now_s - self._drained_at_s)
        self._came, self._came_bytes, self._drained_at_s = 0, 0, now_s
        return found

    async def _hand_on(self, emit: Emit) -> None:
        if self._held:
            await emit(self._held)
            self._held = []

    async def _finish(self, emit: Emit) -> None:
        """Submit everything already read; a socket of systemd keeps the rest for the next start."""
        try:
            async with asyncio.timeout(LAST_EMIT_S):
                await self._hand_on(emit)
                while self._port.is_ours and (datagrams := self._port.receive(AT_MOST)):
                    self._held = self._reception.admit(datagrams, self._port)
                    await self._hand_on(emit)
        except OSError as error:  # TimeoutError is one, a broken socket is another
            self._note_loss(error)

    def _note_loss(self, error: OSError) -> None:
        if not self._held:
            return
        self._count("dropped", "stopped_while_full", len(self._held))
        log.warning(
            "messages are lost: the intake stayed full during shutdown",
            extra={"listen": self._port.name, "amount": len(self._held), "error": repr(error)},
        )
