"""Faults of the daemon's surroundings: clock, log, receivers of notifications."""

import signal

from tests.soak.faults.fault import Fault
from tests.soak.faults.process import stop_in_order
from tests.soak.stage import Stage


class HangingChannel(Fault):
    """The receiver of notifications takes them and never answers."""

    name = "hanging webhook"
    hold_s = (2.0, 8.0)

    async def inject(self, stage: Stage) -> None:
        """Make it hang."""
        stage.receiver.hang()

    async def heal(self, stage: Stage) -> None:
        """Make it answer."""
        stage.receiver.answer()


class FullLogPipe(Fault):
    """The log is not read while the database goes and comes back, which is logged a lot."""

    name = "full log pipe"
    hold_s = (1.0, 4.0)

    async def inject(self, stage: Stage) -> None:
        """Stop reading; restart PostgreSQL, so that there is something to log."""
        stage.daemon.pipe.stop_reading()
        await stage.postgres.stop(signal.SIGINT)
        await stage.postgres.start()

    async def heal(self, stage: Stage) -> None:
        """Read on."""
        stage.daemon.pipe.read()


class _WrongClock(Fault):
    """The daemon's clock jumps, and is put right again later."""

    jumps_s: tuple[float, ...] = ()
    hold_s = (2.0, 5.0)

    async def inject(self, stage: Stage) -> None:
        """Start the daemon with a clock that can be set, then set it wrong."""
        await stop_in_order(stage)
        stage.clock.set_to(0)
        await stage.daemon.come_up(stage.clock.environment())
        await stage.load.next_answer()
        stage.clock.set_to(stage.chance.choice(self.jumps_s))

    async def heal(self, stage: Stage) -> None:
        """Put the clock right."""
        stage.clock.set_to(0)


class ClockAhead(_WrongClock):
    """The clock jumps ahead, and back when it is put right."""

    name = "clock ahead"
    jumps_s = (3.0, 90.0, 7_200.0)


class ClockBehind(_WrongClock):
    """The clock jumps back, and ahead when it is put right."""

    name = "clock behind"
    jumps_s = (-3.0, -90.0, -7_200.0)
