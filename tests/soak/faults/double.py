"""Two faults at once: the reason for the spool and for an orderly end."""

import asyncio
import signal

from tests.soak.faults.database import execute
from tests.soak.faults.fault import Fault
from tests.soak.faults.process import stop_in_order
from tests.soak.stage import Stage

LONGEST_PAUSE_S = 3.0
LONGEST_DRAIN_S = 0.6
SLOW_FOR_S = (0.3, 0.6)
COMMITTED_WITHIN_S = 0.5


class KillWhileAway(Fault):
    """The daemon is killed while PostgreSQL is away and changes are in the spool alone."""

    name = "kill -9 while PostgreSQL is away"
    hold_s = (0.0, 1.0)

    async def inject(self, stage: Stage) -> None:
        """Stop PostgreSQL, go on for a while, kill the daemon."""
        await stage.postgres.stop(signal.SIGINT)
        await asyncio.sleep(stage.chance.uniform(0.0, LONGEST_PAUSE_S))
        await stage.daemon.end(signal.SIGKILL)

    async def heal(self, stage: Stage) -> None:
        """Start both."""
        await start_both(stage)


class KillWhileDraining(Fault):
    """The daemon is killed while it brings the spool to PostgreSQL, twice."""

    name = "kill -9 while draining"
    hold_s = (0.5, 3.0)

    async def inject(self, stage: Stage) -> None:
        """Stop PostgreSQL."""
        await stage.postgres.stop(signal.SIGINT)

    async def heal(self, stage: Stage) -> None:
        """Start PostgreSQL, kill the daemon at once, kill it again while it starts, let it live."""
        await start_postgres(stage)
        await asyncio.sleep(stage.chance.uniform(0.0, LONGEST_DRAIN_S))
        await stage.daemon.end(signal.SIGKILL)
        await stage.daemon.launch()
        await asyncio.sleep(stage.chance.uniform(0.0, 2 * LONGEST_DRAIN_S))
        await stage.daemon.end(signal.SIGKILL)
        await stage.daemon.come_up()


class StartWhileAway(Fault):
    """The daemon is started when PostgreSQL does not run yet, as after a power cut."""

    name = "start before PostgreSQL"
    hold_s = (1.0, 3.0)

    async def inject(self, stage: Stage) -> None:
        """Kill both and start the daemon."""
        await stage.postgres.stop(signal.SIGKILL)
        await stage.daemon.end(signal.SIGKILL)
        await stage.daemon.launch()

    async def heal(self, stage: Stage) -> None:
        """Start PostgreSQL; systemd starts the daemon anew if it has given up."""
        await start_postgres(stage)
        await stage.daemon.end(signal.SIGKILL)
        await stage.daemon.come_up()


class StopWhileAway(Fault):
    """The daemon is stopped in order while PostgreSQL is away: it must end in time all the same."""

    name = "SIGTERM while PostgreSQL is away"
    hold_s = (0.0, 1.0)

    async def inject(self, stage: Stage) -> None:
        """Stop PostgreSQL, go on for a while, stop the daemon."""
        await stage.postgres.stop(signal.SIGINT)
        await asyncio.sleep(stage.chance.uniform(0.0, LONGEST_PAUSE_S))
        await stop_in_order(stage)

    async def heal(self, stage: Stage) -> None:
        """Start both."""
        await start_both(stage)


class SpoolDiskFull(Fault):
    """PostgreSQL is away and the spool has no room: nothing may be acknowledged."""

    name = "disk of the spool full"
    hold_s = (1.0, 4.0)

    async def inject(self, stage: Stage) -> None:
        """Fill the spool's disk and stop PostgreSQL, in any order."""
        if stage.chance.random() < 0.5:
            stage.spool_disk.fill()
            await stage.postgres.stop(signal.SIGINT)
        else:
            await stage.postgres.stop(signal.SIGINT)
            await asyncio.sleep(stage.chance.uniform(0.0, 1.0))
            stage.spool_disk.fill()

    async def heal(self, stage: Stage) -> None:
        """Make room and start PostgreSQL, in any order."""
        if stage.chance.random() < 0.5:
            stage.spool_disk.free()
            await stage.postgres.start()
        else:
            await stage.postgres.start()
            await asyncio.sleep(stage.chance.uniform(0.0, 1.0))
            stage.spool_disk.free()


class KillBeforeAnswer(Fault):
    """The daemon is killed when PostgreSQL has committed and the daemon does not know it yet.

    Changes committed then were not answered, and are sent again after the restart. It hits
    that moment surely since PostgreSQL takes a tenth of a second for each COMMIT meanwhile.
    """

    name = "kill -9 between commit and answer"
    hold_s = (0.0, 0.5)

    async def inject(self, stage: Stage) -> None:
        """Stop the daemon where it is, let PostgreSQL finish, kill it."""
        await execute(stage, "ALTER SYSTEM SET commit_delay = 100000")
        await execute(stage, "ALTER SYSTEM SET commit_siblings = 0")
        await execute(stage, "SELECT pg_reload_conf()")
        await asyncio.sleep(stage.chance.uniform(*SLOW_FOR_S))
        assert stage.daemon.process is not None
        stage.daemon.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(COMMITTED_WITHIN_S)
        await stage.daemon.end(signal.SIGKILL)

    async def heal(self, stage: Stage) -> None:
        """Make PostgreSQL quick again, start the daemon."""
        await execute(stage, "ALTER SYSTEM RESET ALL")
        await execute(stage, "SELECT pg_reload_conf()")
        await stage.daemon.come_up()


class StopWithFullLog(Fault):
    """The log is not read, and the daemon is stopped: it must end all the same."""

    name = "SIGTERM with a full log pipe"
    hold_s = (0.0, 0.5)

    async def inject(self, stage: Stage) -> None:
        """Stop reading, stop the daemon."""
        stage.daemon.pipe.stop_reading()
        await stop_in_order(stage)

    async def heal(self, stage: Stage) -> None:
        """Read on, start the daemon."""
        stage.daemon.pipe.read()
        await stage.daemon.come_up()


async def start_postgres(stage: Stage) -> None:
    """Start PostgreSQL where that is not the daemon's own task."""
    if not stage.plan.is_embedded:
        await stage.postgres.start()


async def start_both(stage: Stage) -> None:
    """Start PostgreSQL and the daemon, in any order."""
    if stage.plan.is_embedded or stage.chance.random() < 0.5:
        await start_postgres(stage)
        await stage.daemon.come_up()
        return
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stage.daemon.come_up())
        await asyncio.sleep(stage.chance.uniform(0.0, 1.0))
        await stage.postgres.start()
