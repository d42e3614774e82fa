"""Watches what the kernel throws away because nobody took it in time."""

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from connectors.snmp_trap.port import TrapPort
from opsconductor.connector.context import Count

log = logging.getLogger(__name__)

POLL_S = 2.0
QUIET_POLLS = 15
"""So many polls without a drop (30 s) and the loss counts as over."""

_WRAPS_AT = 2**32


class SeenDrops:
    """What the kernel's drop counters have shown so far, in a file.

    A socket of systemd outlives the daemon, and so does its counter: what one life has counted is not
    counted by the next one again.

    Args of the constructor:
        file: Made when the first message is dropped.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._by_cookie: dict[str, int] = {}

    def load(self, ports: Sequence[TrapPort]) -> None:
        """Read what is known of these ports; a file that cannot be read knows nothing."""
        try:
            found = json.loads(self._file.read_text(encoding="ascii"))
            self._by_cookie = {key: int(found[key]) for port in ports if (key := str(port.cookie)) in found}
        except (OSError, ValueError, TypeError):
            self._by_cookie = {}

    def grow_to(self, port: TrapPort, count: int) -> int:
        """Note what a counter shows now; tells by how much it has grown."""
        growth = (count - self._by_cookie.get(str(port.cookie), 0)) % _WRAPS_AT
        if growth:
            self._by_cookie[str(port.cookie)] = count
        return growth

    def save(self) -> None:
        """Write down what is known.

        Raises:
            OSError: The data directory cannot be written.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        made = self._file.with_suffix(".new")
        made.write_text(json.dumps(self._by_cookie), encoding="ascii")
        made.replace(self._file)


class DropWatch:
    """Reads the kernel's drop counters, counts the growth, and says when loss begins and ends."""

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
        """Count what a socket has lost while nobody served it; call before serving."""
        for port in self._ports:
            missed = self._seen.grow_to(port, port.drops())
            if missed:
                self._count("kernel_drop", "before_start", missed)
                log.warning(
                    "the kernel has dropped messages before the start",
                    extra={"connector": self._connector, "listen": port.name, "amount": missed},
                )

    def last_look(self) -> None:
        """Count what was lost to the end, and leave it to the next life."""
        self.look()
        self._seen.save()

    def look(self) -> bool:
        """Read all counters once; tells whether one has grown."""
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

    def _note_quiet(self, port: TrapPort) -> None:
        if self._quiet[port] >= QUIET_POLLS:
            return
        self._quiet[port] += 1
        if self._quiet[port] >= QUIET_POLLS:
            log.info(
                "the kernel drops no more messages",
                extra={"connector": self._connector, "listen": port.name, "amount": self._lost[port]},
            )
