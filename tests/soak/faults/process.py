"""Faults of the daemon's own process."""

import signal
from pathlib import Path

from tests.soak.daemon import StoppedBadlyError
from tests.soak.faults.fault import Fault
from tests.soak.stage import Stage


class KillDaemon(Fault):
    """The daemon is gone from one moment to the next, and started again."""

    name = "kill -9 of the daemon"
    hold_s = (0.0, 0.5)

    async def inject(self, stage: Stage) -> None:
        """Kill it."""
        await stage.daemon.end(signal.SIGKILL)

    async def heal(self, stage: Stage) -> None:
        """Start it."""
        await stage.daemon.come_up()


class StopDaemon(Fault):
    """The daemon is stopped in order, and started again."""

    name = "SIGTERM and start"
    hold_s = (0.0, 0.5)

    async def inject(self, stage: Stage) -> None:
        """Stop it; it must end well."""
        await stop_in_order(stage)

    async def heal(self, stage: Stage) -> None:
        """Start it."""
        await stage.daemon.come_up()


class Frozen(Fault):
    """The daemon does not run for some seconds, as on a host without processor time."""

    name = "SIGSTOP of the daemon"
    hold_s = (1.0, 6.0)

    async def inject(self, stage: Stage) -> None:
        """Stop it with SIGSTOP."""
        assert stage.daemon.process is not None
        stage.daemon.process.send_signal(signal.SIGSTOP)

    async def heal(self, stage: Stage) -> None:
        """Continue it."""
        assert stage.daemon.process is not None
        stage.daemon.process.send_signal(signal.SIGCONT)


class GoodReload(Fault):
    """An administrator changes the configuration and reloads."""

    name = "SIGHUP with a good file"
    hold_s = (0.0, 0.5)

    async def inject(self, stage: Stage) -> None:
        """Name a device that sends nothing, and reload."""
        name = f"named-{stage.chance.randrange(1_000_000)}"
        stage.daemon.declare("devices", devices=[{"ip_address": "127.0.2.1", "name": name}])
        await stage.daemon.reload()

    async def heal(self, stage: Stage) -> None:
        """Take the file away and reload."""
        (stage.daemon.provision / "devices.yaml").unlink()
        await stage.daemon.reload()


class BadReload(Fault):
    """An administrator makes a mistake and reloads."""

    name = "SIGHUP with a bad file"
    hold_s = (0.0, 0.5)

    async def inject(self, stage: Stage) -> None:
        """Write nonsense, and reload."""
        _bad(stage).write_text("connectors: [{name: snmp_trap, type: no such type}]\nnonsense: [\n")
        await stage.daemon.reload()

    async def heal(self, stage: Stage) -> None:
        """Take the file away and reload."""
        _bad(stage).unlink()
        await stage.daemon.reload()


async def stop_in_order(stage: Stage) -> None:
    """Send SIGTERM; any other status than 0 is a fault of the daemon."""
    status = await stage.daemon.end(signal.SIGTERM)
    if status != 0:
        raise StoppedBadlyError(f"SIGTERM ends with status {status}:\n{stage.daemon.tail()}")


def _bad(stage: Stage) -> Path:
    return stage.daemon.provision / "mistake.yaml"
