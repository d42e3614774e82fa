"""The schema goes forward and back on the oldest and the newest PostgreSQL we support."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from opsconductor.errors import StoreRejected, StoreUnavailable
from opsconductor.shipped import shipped
from opsconductor.store.postgres import migrate
from tests.conftest import TEMPLATE, Cluster

HEAD = migrate.head()
NEXT = f"{int(HEAD) + 1:04}"
SLEEPING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
"""


@pytest.fixture(params=["postgres", "postgres_15"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Run each test on both servers."""
    found: Cluster = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """Name of an empty database on the server."""
    name = cluster.create()
    yield name
    cluster.drop(name)


async def test_every_step_can_be_taken_back(postgres: Cluster, empty_database_url: str) -> None:
    """Forward and back step by step, each step leaves exactly what was there before it."""
    url = empty_database_url
    name = url.partition("?")[0].rpartition("/")[2]
    numbers = ["base", *(revision.number for revision in migrate.revisions())]
    dumps = [postgres.dump(name)]
    for number in numbers[1:]:
        await migrate.upgrade(url, number)
        assert await migrate.current_of(url) == number
        dumps.append(postgres.dump(name))
    assert len(set(dumps)) == len(numbers)
    for number in reversed(numbers[:-1]):
        dumps.pop()
        await migrate.downgrade(url, number)
        assert postgres.dump(name) == dumps[-1]
    assert await migrate.current_of(url) is None


async def test_all_steps_are_taken_and_taken_back(cluster: Cluster, database: str) -> None:
    """On each server all steps together leave nothing behind."""
    url = cluster.url(database)
    before = cluster.dump(database)
    assert await migrate.upgrade(url) == (None, HEAD)
    assert cluster.dump(database) != before
    await migrate.downgrade(url, "base")
    assert cluster.dump(database) == before


async def test_the_way_there_does_not_matter(postgres: Cluster) -> None:
    """Up, down and up again is the same database as up once."""
    name = postgres.create()
    url = postgres.url(name)
    await migrate.upgrade(url)
    await migrate.downgrade(url, "base")
    assert await migrate.upgrade(url) == (None, migrate.head())
    assert postgres.dump(name) == postgres.dump(TEMPLATE)
    postgres.drop(name)


async def test_concurrent_upgrades_are_one(cluster: Cluster, database: str) -> None:
    """Daemons and commands that start at once upgrade once and all go on."""
    url = cluster.url(database)
    results = await asyncio.gather(*(migrate.upgrade(url) for _ in range(6)))
    assert sorted(results, key=str) == sorted(
        [(None, migrate.head())] + [(migrate.head(), migrate.head())] * 5, key=str
    )


async def test_nothing_to_do_needs_no_alembic(database_url: str) -> None:
    """A database that is up to date does not cost the import of Alembic and SQLAlchemy."""
    code = (
        "import asyncio, sys\n"
        "from opsconductor.store.postgres import database, migrate\n"
        f"assert asyncio.run(migrate.upgrade({database_url!r})) == (migrate.head(), migrate.head())\n"
        "print('alembic' in sys.modules or 'sqlalchemy' in sys.modules)\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.decode().strip() == "False"


async def test_a_failing_step_leaves_nothing(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step is all or nothing, and its failure says why."""
    _copy_migrations(tmp_path)
    _add_revision(
        tmp_path, NEXT, up="CREATE TABLE half (a int); SELECT no_such_function();", down="SELECT 1;"
    )
    monkeypatch.setattr(migrate, "shipped", lambda _: tmp_path)
    await migrate.upgrade(empty_database_url, HEAD)
    with pytest.raises(StoreRejected, match=rf"revision {NEXT} more: .*no_such_function"):
        await migrate.upgrade(empty_database_url)
    assert await migrate.current_of(empty_database_url) == HEAD
    connection = await asyncpg.connect(empty_database_url)
    assert await connection.fetchval("SELECT to_regclass('half')") is None
    await connection.close()


async def test_sql_goes_through_as_it_is(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colons, per cent signs and quotes in a revision mean nothing to the tools in between."""
    _copy_migrations(tmp_path)
    text = """CREATE TABLE odd AS SELECT ':name %s %(a)s %% \\x {0}'::text AS odd, $$a;b 'c' :d$$ AS more;"""
    _add_revision(tmp_path, NEXT, up=text, down="DROP TABLE odd;")
    monkeypatch.setattr(migrate, "shipped", lambda _: tmp_path)
    assert await migrate.upgrade(empty_database_url) == (None, NEXT)
    assert await migrate.downgrade(empty_database_url, HEAD) == (NEXT, HEAD)


async def test_a_newer_database_is_refused(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that does not know the schema leaves it alone and says what to install."""
    _copy_migrations(tmp_path)
    _add_revision(tmp_path, NEXT, up="SELECT 1;", down="SELECT 1;")
    with monkeypatch.context() as newer:
        newer.setattr(migrate, "shipped", lambda _: tmp_path)
        await migrate.upgrade(empty_database_url)
    for step in (migrate.upgrade(empty_database_url), migrate.downgrade(empty_database_url, "base")):
        with pytest.raises(StoreRejected, match=rf"at revision {NEXT}, this version .* knows up to {HEAD}"):
            await step


async def test_unknown_and_backward_targets_are_refused(database_url: str) -> None:
    """Mistakes are reported, not guessed away."""
    with pytest.raises(StoreRejected, match="revision 0815 does not exist; there are 0001"):
        await migrate.upgrade(database_url, "0815")
    await migrate.downgrade(database_url, "base")
    with pytest.raises(StoreRejected, match="is at revision base: downgrade cannot lead to 0001"):
        await migrate.downgrade(database_url, "0001")


async def test_a_missing_server_is_reported(tmp_path: Path) -> None:
    """Without a server there is nothing to upgrade."""
    with pytest.raises(StoreUnavailable):
        await migrate.upgrade(f"postgresql://x@/x?host={tmp_path}")


def test_revisions_are_numbered_without_gaps() -> None:
    """The order of the files is the order of the revisions, and each has its three files."""
    numbers = [revision.number for revision in migrate.revisions()]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    for file in shipped("migrations").glob("versions/*.py"):
        assert file.with_suffix(".up.sql").exists()
        assert file.with_suffix(".down.sql").exists()


def _copy_migrations(folder: Path) -> None:
    (folder / "versions").mkdir()
    for file in shipped("migrations").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            (folder / file.relative_to(shipped("migrations"))).write_bytes(file.read_bytes())


def _add_revision(folder: Path, number: str, *, up: str, down: str) -> None:
    template = (folder / "versions" / "0001_first_schema.py").read_text()
    text = template.replace('"0001"', f'"{number}"').replace(
        "down_revision = None", f'down_revision = "{HEAD}"'
    )
    (folder / "versions" / f"{number}_more.py").write_text(text)
    (folder / "versions" / f"{number}_more.up.sql").write_text(up)
    (folder / "versions" / f"{number}_more.down.sql").write_text(down)


async def test_a_step_does_not_wait_for_ever(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another session that holds the tables ends the step with the remedy; afterwards it goes through."""
    url = cluster.url(database)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_S", 1)
    await migrate.upgrade(url, "0001")
    other = await asyncpg.connect(url)
    async with other.transaction():
        await other.execute("LOCK TABLE alerts IN ACCESS SHARE MODE")
        with pytest.raises(StoreUnavailable, match="holds it, and try again; nothing was changed"):
            await migrate.upgrade(url)
    await other.close()
    assert await migrate.current_of(url) == "0001"
    assert await migrate.upgrade(url) == ("0001", migrate.head())


async def test_migrations_are_logged(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """An upgrade logs from where to where it goes, and how long it took; without a step it logs nothing."""
    caplog.set_level("INFO")
    await migrate.upgrade(database_url)
    assert not [record for record in caplog.records if record.name == migrate.__name__]
    await migrate.downgrade(database_url, "0005")
    await migrate.upgrade(database_url)
    logged = [record for record in caplog.records if record.name == migrate.__name__]
    assert [(record.found, record.expected) for record in logged[2:]] == [("0005", migrate.head())] * 2  # type: ignore[attr-defined]
    assert logged[-1].seconds >= 0  # type: ignore[attr-defined]


async def test_a_long_migration_is_reported(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """While an upgrade takes long, systemd is asked to wait and the log says that it continues."""
    caplog.set_level("INFO")
    monkeypatch.setattr(migrate, "REPORT_EVERY_S", 0.02)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    await migrate.downgrade(database_url, "0052")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind(str(tmp_path / "notify"))
        notices.settimeout(0)
        other = await asyncpg.connect(database_url)
        async with other.transaction():
            await other.execute("LOCK TABLE alerts IN ACCESS SHARE MODE")
            upgrading = asyncio.create_task(migrate.upgrade(database_url))
            loop = asyncio.get_running_loop()
            notified = {await loop.sock_recv(notices, 100) for _ in range(3)}
            assert notified == {b"EXTEND_TIMEOUT_USEC=300000000"}
        await other.close()
        await upgrading
    texts = [record.getMessage() for record in caplog.records if record.name == migrate.__name__]
    assert "still changing the schema of the database" in texts


async def test_a_step_ends_with_its_client(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends the step of a client that was killed, so that the next upgrade need not wait for it."""
    _copy_migrations(tmp_path)
    _add_revision(tmp_path, NEXT, up="SELECT pg_sleep(600);", down="SELECT 1;")
    monkeypatch.setattr(migrate, "shipped", lambda _: tmp_path)
    clients: list[asyncpg.Connection] = []
    connect = asyncpg.connect

    async def noted(*args: object, **kwargs: object) -> asyncpg.Connection:
        clients.append(await connect(*args, **kwargs))
        return clients[-1]

    monkeypatch.setattr(asyncpg, "connect", noted)
    upgrading = asyncio.create_task(migrate.upgrade(database_url))
    other = await connect(database_url)
    await _until_sleeping(other, 1)
    clients[0].terminate()
    await _until_sleeping(other, 0)
    with pytest.raises(StoreUnavailable):
        await upgrading
    await other.close()


async def _until_sleeping(connection: asyncpg.Connection, amount: int) -> None:
    """Wait until so many sessions of the database sleep."""
    async with asyncio.timeout(30):
        while await connection.fetchval(SLEEPING) != amount:
            await asyncio.sleep(0.05)
