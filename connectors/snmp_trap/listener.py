"""Loop of one port: reads datagrams into the intake and stops reading while the intake is full."""

import asyncio
import logging

from connectors.snmp_trap.port import TrapPort
from connectors.snmp_trap.reception import TrapReceiver
from opsconductor.connector.context import Count
from opsconductor.connector.interface import Emit
from opsconductor.model.event import RawEvent

log = logging.getLogger(__name__)

AT_MOST = 150
"""Datagrams read at once: about 3 ms of work, so that other tasks can run."""

PAUSE_S = 0.005
"""Pause after the port was drained: datagrams of a storm are then read in batches, which costs half of
reading them one by one. The first datagram after silence is read at once.
"""

LAST_EMIT_S = 2.0
"""At the end, time to wait for room in the intake for datagrams already read."""


class TrapListener:
    """The loop of one port from socket to intake."""

    def __init__(self, port: TrapPort, reception: TrapReceiver, count: Count) -> None:
        self._port = port
        self._reception = reception
        self._count = count
        self._held: list[RawEvent] = []

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
        await self._hand_on(emit)
        await asyncio.sleep(PAUSE_S if self._port.is_drained else 0)

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
