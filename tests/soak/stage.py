"""Everything that a run needs, built and taken down in order: disks, PostgreSQL, daemon, receiver, load."""

import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.soak.clock import WrongClock
from tests.soak.daemon import SoakDaemon
from tests.soak.disks import Disk, LimitedFiles, Tmpfs
from tests.soak.load import NOTIFIED_DEVICES, Load
from tests.soak.postgres import EmbeddedPostgres, OwnPostgres, Postgres, connect, processes_of
from tests.soak.receiver import Receiver

HOOK_TIMEOUT = "2s"
ARCHIVES: dict[str, dict[str, object]] = {
    "kept": {},
    "off": {"enabled": False},
    "sampled": {"per_sender_per_minute": 1, "per_minute": 10},
    "full": {},
}
"""Settings of the raw event archive by what is tried with it; `full` has many rows from the beginning."""
FULL_ROWS = 1_000_000
FILL_ARCHIVE = """
INSERT INTO raw_events (id, connector, received_at, peer, local, payload)
SELECT gen_random_uuid(), 'snmp_trap', now(), '127.0.1.1', '', sha256(number::text::bytea)
FROM generate_series(1, $1::int) AS number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a run is set up.

    Attributes:
        is_embedded: The daemon brings its PostgreSQL along; else we run one.
        is_lent: The daemon's port outlives it, as with systemd's socket activation.
        is_forked: Daemons are forked, which saves the time of imports.
        rate: Messages a second.
        database_mib: Size of PostgreSQL's disk.
        archive: One of `ARCHIVES`.
        spool_mib: Size of the disk of the daemon's data directory.
    """

    seed: int
    rate: float = 200.0
    is_embedded: bool = False
    is_lent: bool = True
    is_forked: bool = False
    archive: str = "kept"
    database_mib: int = 1024
    spool_mib: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The parts of a run, for faults to break."""

    plan: Plan
    chance: random.Random
    daemon: SoakDaemon
    postgres: Postgres
    receiver: Receiver
    load: Load
    clock: WrongClock
    spool_disk: Disk
    database_disk: Disk


@asynccontextmanager
async def staged(plan: Plan) -> AsyncIterator[Stage]:
    """Build everything and start the daemon; take everything down at the end."""
    chance = random.Random(plan.seed)
    async with AsyncExitStack() as stack:
        folder = _temporary_folder()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        receiver = Receiver()
        hook = await receiver.open()
        stack.push_async_callback(receiver.close)
        daemon = SoakDaemon(_made(folder / "daemon"), is_lent=plan.is_lent, is_forked=plan.is_forked)
        load = Load(daemon.trap_port, plan.rate, chance)
        await load.open()
        stack.callback(load.close)
        stack.push_async_callback(daemon.close)
        spool_disk = _disk(folder / "daemon" / "var", plan.spool_mib, stack) or LimitedFiles(
            lambda: [daemon.pid]
        )
        postgres, database_disk = await _postgres(plan, folder, stack)
        stage = Stage(
            plan=plan,
            chance=chance,
            daemon=daemon,
            postgres=postgres,
            receiver=receiver,
            load=load,
            clock=WrongClock(folder / "clock"),
            spool_disk=spool_disk,
            database_disk=database_disk or spool_disk,
        )
        _configure(stage, hook)
        await daemon.come_up()
        if plan.archive == "full":
            await _fill_archive(postgres)
        yield stage


async def _postgres(plan: Plan, folder: Path, stack: AsyncExitStack) -> tuple[Postgres, Disk | None]:
    if plan.is_embedded:
        server = EmbeddedPostgres(folder / "daemon" / "var")
        stack.push_async_callback(server.stop, signal.SIGQUIT)
        return server, None
    disk = _disk(folder / "postgres", plan.database_mib, stack)
    (folder / "postgres").mkdir(exist_ok=True)
    own = OwnPostgres(folder / "postgres")
    stack.push_async_callback(own.stop, signal.SIGQUIT)
    await own.make()
    return own, disk or LimitedFiles(lambda: processes_of(own))


def _disk(folder: Path, mib: int, stack: AsyncExitStack) -> Tmpfs | None:
    """Mount a disk of its own at a folder, where we have the right to."""
    try:
        return stack.enter_context(Tmpfs(folder, mib))
    except subprocess.CalledProcessError:
        return None


async def _fill_archive(postgres: Postgres) -> None:
    connection = await connect(postgres)
    try:
        await connection.execute(FILL_ARCHIVE, FULL_ROWS)
    finally:
        await connection.close()


def _configure(stage: Stage, hook: str) -> None:
    settings: dict[str, object] = {
        "self_watch": {"every": "1s"},
        "archive": ARCHIVES[stage.plan.archive],
    }
    if not stage.plan.is_embedded:
        settings["database"] = {"url": stage.postgres.url}
    stage.daemon.write_settings(settings)
    stage.daemon.declare(
        "people",
        connectors=[{"name": "hook", "type": "webhook", "config": {"url": hook, "timeout": HOOK_TIMEOUT}}],
        notification_rules=[
            {
                "name": "some devices",
                "conditions": {
                    "device_ip_pattern": list(NOTIFIED_DEVICES),
                    "severity": ["critical", "major"],
                },
                "channels": [{"channel": "hook"}],
            }
        ],
    )


def _temporary_folder() -> Path:
    """Make a folder through which PostgreSQL's user may pass."""
    folder = Path(tempfile.mkdtemp(prefix="opsconductor-soak-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
