"""Watches what the kernel throws away because nobody took it in time."""

import asyncio
import logging
from collections.abc import MutableMapping, Sequence

from connectors.snmp_trap.port import Port
from opsconductor.connector.interface import Count

log = logging.getLogger(__name__)

POLL_S = 2.0
QUIET_POLLS = 15
"""So many polls without a drop (30 s) and the loss counts as over."""

_WRAPS_AT = 2**32


class DropWatch:
    """Reads the kernel's drop counters, counts the growth, and says when loss begins and ends.

    Args of the constructor:
        seen: What the counters of these ports have shown so far, by name; 0 of those not named.
    """

    def __init__(
        self, connector: str, ports: Sequence[Port], count: Count, *, seen: MutableMapping[str, int]
    ) -> None:
        self._connector = connector
        self._count = count
        self._ports = ports
        self._seen = seen
        self._quiet = dict.fromkeys(ports, QUIET_POLLS)
        self._lost = dict.fromkeys(ports, 0)

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await asyncio.sleep(POLL_S)
            self.look()

    def first_look(self) -> None:
        """Count what a socket has lost while nobody served it; call before serving."""
        for port in self._ports:
            missed = self._growth(port)
            if missed:
                self._count("kernel_drop", "before_start", missed)
                log.warning(
                    "the kernel has dropped messages before the start",
                    extra={"connector": self._connector, "listen": port.name, "amount": missed},
                )

    def look(self) -> None:
        """Read all counters once."""
        for port in self._ports:
            dropped = self._growth(port)
            if dropped:
                self._count("kernel_drop", "", dropped)
                self._note_loss(port, dropped)
            else:
                self._note_quiet(port)

    def _growth(self, port: Port) -> int:
        now = port.drops()
        growth = (now - self._seen.get(port.name, 0)) % _WRAPS_AT
        self._seen[port.name] = now
        return growth

    def _note_loss(self, port: Port, dropped: int) -> None:
        if self._quiet[port] >= QUIET_POLLS:
            self._lost[port] = 0
            log.warning(
                "the kernel drops messages: they come faster than they are taken",
                extra={
                    "connector": self._connector,
                    "listen": port.name,
                    "amount": dropped,
                    "remedy": "raise receive_buffer_bytes and net.core.rmem_max",
                },
            )
        self._lost[port] += dropped
        self._quiet[port] = 0

    def _note_quiet(self, port: Port) -> None:
        if self._quiet[port] >= QUIET_POLLS:
            return
        self._quiet[port] += 1
        if self._quiet[port] >= QUIET_POLLS:
            log.info(
                "the kernel drops no more messages",
                extra={"connector": self._connector, "listen": port.name, "amount": self._lost[port]},
            )
