"""Facts about the running daemon for the API: statistics, settings in force, loss ledger."""

import os
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

from opsconductor.config.effective import EffectiveSetting
from opsconductor.ledger.equations import LedgerEntry
from opsconductor.selfcheck.doctor.live import STEPS as DOCTOR_STEPS
from opsconductor.selfcheck.doctor.live import Doctor
from opsconductor.selfcheck.doctor.pages import LOST, TURNED_AWAY, pages_of
from opsconductor.store.ledger import read_over_time, read_sums
from opsconductor.store.postgres.request_pool import RequestDatabase
from opsconductor.store.retention.sizes import read_sizes

COLUMNS = 60
"""About how many columns a chart of the ledger has."""
STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 10, 30, 60, 360, 1440))


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDaemonFacts:
    """Facts about the running daemon; implements `DaemonFacts` of the API."""

    database: RequestDatabase
    doctor: Doctor
    health: Callable[[], Mapping[str, object]]
    effective: Callable[[], Sequence[EffectiveSetting]]
    doctor_steps: Sequence[str] = DOCTOR_STEPS

    async def stats(self, now: datetime) -> Mapping[str, object]:
        """Return what the daemon uses and holds."""
        state = self.health()
        used = resource.getrusage(resource.RUSAGE_SELF)
        sizes = await self.database.ask(read_sizes, now)
        return {
            **{name: state[name] for name in ("version", "started_at", "database", "spool", "alerts_open")},
            "intake_waiting": state["intake_waiting"],
            "event_loop_longest_block_ms": state["event_loop_longest_block_ms"],
            "memory_bytes": _resident_bytes(),
            "cpu_s": round(used.ru_utime + used.ru_stime, 1),
            "cpu_share": round((used.ru_utime + used.ru_stime) / max(1.0, _runs_for_s()), 4),
            "tables": [asdict(size) for size in sizes],
            "tables_bytes": sum(size.bytes for size in sizes),
        }

    async def examine(self, report_step: Callable[[str], None]) -> Mapping[str, object]:
        """Examine the daemon and its environment; see `DoctorView`."""
        return (await self.doctor.examine(report_step)).document()

    def settings(self) -> Sequence[EffectiveSetting]:
        """Return the settings in force with their origin."""
        return self.effective()

    async def ledger(self, since: datetime, now: datetime) -> Mapping[str, object]:
        """Return the loss ledger of a period, and how it spreads over time."""
        await self.doctor.write_ledger()
        entries = [LedgerEntry(*each) for each in await self.database.ask(read_sums, since)]
        step = next((step for step in STEPS if step * COLUMNS >= now - since), STEPS[-1])
        amounts = await self.database.ask_long(
            partial(read_over_time, stages=("received", *LOST, *TURNED_AWAY)), since, step
        )
        return {
            **asdict(pages_of(entries, since, self.doctor.watch.watcher.gaps)),
            "step_s": int(step.total_seconds()),
            **_over_time(amounts),
        }


def _over_time(amounts: Sequence[tuple[datetime, str, str, int]]) -> Mapping[str, object]:
    """Return the steps of time with their sums, and for each connector what it received in each step."""
    steps = {at: {"received": 0, "turned_away": 0, "lost": 0} for at in sorted({at for at, *_ in amounts})}
    places = {at: place for place, at in enumerate(steps)}
    received: dict[str, list[int]] = {}
    for at, connector, stage, amount in amounts:
        kind = "received" if stage == "received" else "lost" if stage in LOST else "turned_away"
        steps[at][kind] += amount
        if kind == "received":
            received.setdefault(connector, [0] * len(steps))[places[at]] += amount
    return {"over_time": [{"at": at, **sums} for at, sums in steps.items()], "received": received}


def _resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - not a file on a disk
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _runs_for_s() -> float:
    """Return the age of this process."""
    with open("/proc/self/stat", encoding="ascii") as file:  # noqa: PTH123 - not a file on a disk
        started = int(file.read().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
