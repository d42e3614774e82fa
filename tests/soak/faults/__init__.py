"""Everything that can go wrong around a daemon, each as a class that does it and undoes it."""

from collections.abc import Mapping

from tests.soak.faults.database import (
    CutConnections,
    DatabaseDiskFull,
    FrozenPostgres,
    KillPostgres,
    LockedTable,
    ReadOnlyDatabase,
    RestartPostgres,
)
from tests.soak.faults.double import (
    KillBeforeAnswer,
    KillWhileAway,
    KillWhileDraining,
    SpoolDiskFull,
    StartWhileAway,
    StopWhileAway,
    StopWithFullLog,
)
from tests.soak.faults.fault import Fault
from tests.soak.faults.process import BadReload, Frozen, GoodReload, KillDaemon, StopDaemon
from tests.soak.faults.surroundings import ClockAhead, ClockBehind, FullLogPipe, HangingChannel

DECK: Mapping[type[Fault], int] = {
    KillDaemon: 12,
    StopDaemon: 2,
    Frozen: 1,
    GoodReload: 1,
    BadReload: 1,
    KillPostgres: 2,
    RestartPostgres: 2,
    FrozenPostgres: 1,
    LockedTable: 1,
    CutConnections: 2,
    ReadOnlyDatabase: 1,
    DatabaseDiskFull: 1,
    SpoolDiskFull: 1,
    KillBeforeAnswer: 2,
    KillWhileAway: 2,
    KillWhileDraining: 2,
    StartWhileAway: 1,
    StopWhileAway: 1,
    StopWithFullLog: 1,
    HangingChannel: 1,
    FullLogPipe: 1,
    ClockAhead: 1,
    ClockBehind: 1,
}
"""How often each comes in one round; the order is random."""

__all__ = ["DECK", "Fault"]
