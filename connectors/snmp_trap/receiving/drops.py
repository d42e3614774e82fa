"""Monitor of the kernel's drop counters: messages lost because the receive buffer was full."""

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from connectors.snmp_trap.receiving.port import TrapPort
from opsconductor.connector.context import Count

log = logging.getLogger(__name__)

POLL_S = 2.0
QUIET_POLLS = 15
"""Polls without a drop (30 s) after which the loss counts as over."""

_WRAPS_AT = 2**32


class SeenDrops:
    """Last values of the kernel's drop counters, kept in a file.

    A socket of systemd, and its counter, survive a restart of the daemon: drops counted before the restart
    are not counted again.

    Args of the constructor:
        file: Created when the first message is dropped.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._by_cookie: dict[str, int] = {}

    def load(self, ports: Sequence[TrapPort]) -> None:
        """Load the counters of these ports; a file that cannot be read counts as empty."""
        try:
            found = json.loads(self._file.read_text(encoding="ascii"))
            self._by_cookie = {key: int(found[key]) for port in ports if (key := str(port.cookie)) in found}
        except (OSError, ValueError, TypeError):
            self._by_cookie = {}

    def grow_to(self, port: TrapPort, count: int) -> int:
        """Record the current value of a counter and return its increase."""
        growth = (count - self._by_cookie.get(str(port.cookie), 0)) % _WRAPS_AT
        if growth:
            self._by_cookie[str(port.cookie)] = count
        return growth

    def save(self) -> None:
        """Save the counters.

        Raises:
            OSError: The data directory cannot be written.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        made = self._file.with_suffix(".new")
        made.write_text(json.dumps(self._by_cookie), encoding="ascii")
        made.replace(self._file)


class DropWatch:
    """Polls the kernel's drop counters, counts the increase, and logs when loss begins and ends."""

    def __init__(self, connector: str, ports: Sequence[TrapPort], count: Count, *, seen: SeenDrops) -> None:
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
            if self.look():
                await asyncio.to_thread(self._seen.save)

    def first_look(self) -> None:
        """Count what a socket lost while the daemon was down; call before serving."""
        for port in self._ports:
            missed = self._seen.grow_to(port, port.drops())
            if missed:
                self._count("kernel_drop", "before_start", missed)
                log.warning(
                    "the kernel dropped messages before the start",
                    extra={"connector": self._connector, "listen": port.name, "amount": missed},
                )

    def last_look(self) -> None:
        """Count what was lost until the end and save the counters for the next start."""
        self.look()
        self._seen.save()

    def look(self) -> bool:
        """Poll all counters once; return True if one has increased."""
        is_any_lost = False
        for port in self._ports:
            dropped = self._seen.grow_to(port, port.drops())
            if dropped:
                is_any_lost = True
                self._count("kernel_drop", "", dropped)
                self._note_loss(port, dropped)
            else:
                self._note_quiet(port)
        return is_any_lost

    def _note_loss(self, port: TrapPort, dropped: int) -> None:
        if self._quiet[port] >= QUIET_POLLS:
            self._lost[port] = 0
            log.warning(
                "the kernel drops messages: they arrive faster than they are read",
                extra={
                    "connector": self._connector,
                    "listen": port.name,
                    "amount": dropped,
                    "remedy": "raise receive_buffer_bytes and net.core.rmem_max",
                },
            )
        self._lost[port] += dropped
        self._quiet[port] = 0

    def _note_quiet(self, port: TrapPort) -> None:
        if self._quiet[port] >= QUIET_POLLS:
            return
        self._quiet[port] += 1
        if self._quiet[port] >= QUIET_POLLS:
            log.info(
                "the kernel has stopped dropping messages",
                extra={"connector": self._connector, "listen": port.name, "amount": self._lost[port]},
            )
