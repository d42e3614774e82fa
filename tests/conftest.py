"""Fixtures shared by all tests: real PostgreSQL servers and databases that are ready in milliseconds."""

import asyncio
import gc
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path

import asyncpg
import hypothesis
import pytest

from opsconductor.mib import built
from opsconductor.mib.built import AT_SETUP
from opsconductor.store.postgres import cluster as embedded_files
from opsconductor.store.postgres import migrate, postmaster
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.support.daemons.forking import RUN
from tests.support.shared import made_once, shared_folder

ROOT = Path(__file__).parents[1]
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
TEMPLATE = "migrated"
START_TIMEOUT_S = 60
# A test database lives for seconds: nothing in it must survive a power cut.
SPEED = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "listen_addresses="]
# What is committed survives the end of the server's processes.
LASTING = ["fsync=off", "synchronous_commit=on", "autovacuum=off", "listen_addresses="]

# on a busy machine, making an example may take a second
BUSY = [hypothesis.HealthCheck.too_slow]
for profile, examples, is_same in (("usual", 50, False), ("ci", 30, True), ("fuzz", 1000, False)):
    hypothesis.settings.register_profile(
        profile, max_examples=examples, derandomize=is_same, deadline=None, suppress_health_check=BUSY
    )
# in CI the same examples each time: it fails for what a change did
hypothesis.settings.load_profile(
    "fuzz" if "FUZZ_SECONDS" in os.environ else "ci" if "CI" in os.environ else "usual"
)

LONGEST_FIRST = (
    "acceptance/outages/test_faults.py",
    "property/engine/test_simulation.py",
    "integration",
    "property",
)
"""Files and folders that take long, the longest first, so that none runs alone at the end."""

WAITING = "acceptance"
"""Folder of tests that wait most of their time: they are spread among the others, which calculate."""

CALCULATING = 4
"""Files that calculate between two that wait, so that there is work for all processors to the end."""

UNTIL_COLLECTED = 50_000
"""Objects made until a test process looks for garbage; with Python's 700 that takes a tenth of its time."""

MEMORY = Path("/dev/shm")
ROOM = 8 << 30
"""Bytes that must be free in memory so that temporary files are kept there."""

_numbers = count(1)


def use_memory() -> None:
    """Keep temporary files in memory if there is room for them.

    Each daemon of a test has 1,500 files of PostgreSQL; to copy them to a disk takes a second of CPU time.
    """
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


use_memory()


def pytest_configure(config: pytest.Config) -> None:
    """Build the index of the MIB catalogue once, as `make setup` does, so that no daemon of a test has to.

    While tests are imported and collected there is no garbage.
    """
    gc.disable()
    # several snmptrap at once lose their users: all would write the same file
    of_snmp = os.environ["SNMP_PERSISTENT_DIR"] = tempfile.mkdtemp(prefix="opsconductor-test-snmp-")
    config.add_cleanup(partial(shutil.rmtree, of_snmp, ignore_errors=True))
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = str(os.getpid())
        built.main(str(ROOT / "mibs" / "catalogue"), str(ROOT / AT_SETUP))
    elif config.args_source is config.ArgsSource.TESTPATHS:
        config.args = files_from(config.workerinput["workerid"], config.workerinput["workercount"])


def files_from(worker: str, workers: int) -> list[str]:
    """Return all test files, beginning elsewhere for each worker.

    So each compiles a part of them, and finds the others compiled.
    """
    files = sorted(map(str, Path(__file__).parent.rglob("test_*.py")))
    begin = len(files) * int(worker.removeprefix("gw")) // workers
    return files[begin:] + files[:begin]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files into the order in which `--no-loadscope-reorder` gives them out."""
    below = Path(__file__).parent

    def rank(file: Path) -> tuple[int, Path]:
        names = {str(file.relative_to(below)), file.relative_to(below).parts[0]}
        return next((n for n, each in enumerate(LONGEST_FIRST) if each in names), len(LONGEST_FIRST)), file

    files = sorted({item.path for item in items}, key=rank)
    waiting = [file for file in files if file.is_relative_to(below / WAITING)]
    others = [file for file in files if file not in waiting]
    turns = {file: CALCULATING * turn for turn, file in enumerate(waiting)}
    turns |= {file: turn for turn, file in enumerate(others)}
    items.sort(key=lambda item: (turns[item.path], item.path))


def pytest_collection_finish() -> None:
    """Take everything imported and collected from the garbage collector: it stays until the end."""
    gc.freeze()
    gc.set_threshold(UNTIL_COLLECTED)
    gc.enable()


class Cluster:
    """A PostgreSQL server of its own in a temporary folder, reached through a Unix socket.

    It ends with the tests, even when they are killed.
    """

    def __init__(self, programs: Path, settings: Sequence[str] = SPEED) -> None:
        self.programs = programs
        self._settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="opsconductor-test-"))
        self._psql: subprocess.Popen[str] | None = None
        self._as: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.resume()

    def copy(self, data: Path) -> None:
        """Take the data of a cluster that was shut down."""
        subprocess.run(["cp", "--archive", "--reflink=auto", data, self.folder / "data"], check=True)

    def give(self, data: Path) -> None:
        """Shut down, so that nothing is to be recovered, and move the data."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait()
        shutil.move(self.folder / "data", data)
        shutil.rmtree(self.folder)

    def resume(self) -> None:
        """Start the server and wait until it answers."""
        options = [f"--{setting}" for setting in [*self._settings, f"unix_socket_directories={self.folder}"]]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                self._command("postgres", "-D", "data", *options), cwd=self.folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while (found := postmaster.find(self.folder / "data")) is None or found.status != "ready":
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.01)

    def crash(self) -> None:
        """End the main process with kill -9, and wait until all the others have followed."""
        self._server.kill()
        self._server.wait()
        while not postmaster.clear_stale(self.folder / "data"):
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop at once and remove everything."""
        if self._psql is not None:
            self._psql.communicate("\\q\n")
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        """Name a database of this server, for asyncpg and for `database.url`."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run SQL and return what it prints, unaligned."""
        return self._run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", statement)

    def _administer(self, statement: str) -> None:
        """Run SQL in a psql that stays: a thousand tests make and drop a database each."""
        if self._psql is None:
            self._psql = subprocess.Popen(
                self._command("psql", "-XqAt", "-d", self.url("postgres")),
                cwd=self.folder,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        assert self._psql.stdin is not None
        assert self._psql.stdout is not None
        self._psql.stdin.write(f"{statement};\n\\echo failed: :ERROR\n")
        self._psql.stdin.flush()
        output = ""
        for line in self._psql.stdout:
            if line == "failed: false\n":
                return
            output += line
            if line == "failed: true\n":
                break
        raise RuntimeError(f"{statement}: {output}")

    def dump(self, database: str) -> str:
        """Return the schema of a database as text, comparable between databases of this server."""
        text = self._run("pg_dump", "--schema-only", "-d", self.url(database))
        # newer servers write a random key around the text
        return "\n".join(line for line in text.splitlines() if not line.startswith("\\"))

    def contents(self, url: str) -> str:
        """Return everything that a database holds, as text."""
        return self._run("pg_dump", "--data-only", "-d", url)

    def create(self, template: str = "template0") -> str:
        """Make a new database and return its name."""
        name = f"t{next(_numbers)}"
        # file_copy takes half the processor time
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, even when someone still holds a connection to it."""
        self._administer(f"DROP DATABASE {database} WITH (FORCE)")

    def _run(self, program: str, *arguments: str) -> str:
        command = self._command(program, *arguments)
        done = subprocess.run(command, cwd=self.folder, check=False, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stderr or 'failed'}")
        return done.stdout

    def _command(self, program: str, *arguments: str) -> list[str]:
        return ["setpriv", *self._as, "--pdeathsig=INT", "--", str(self.programs / program), *arguments]


def _migrate_once(folder: Path) -> None:
    """Make a cluster with a migrated template database, and leave its data in a folder."""
    cluster = Cluster(embedded_files.programs())
    cluster.start()
    cluster.sql(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
    asyncio.run(migrate.upgrade(cluster.url(TEMPLATE)))
    cluster.give(folder / "data")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Run the PostgreSQL 18 that we ship, once per session, with a migrated template database."""
    made = made_once(shared_folder(tmp_path_factory) / "postgres", _migrate_once)
    cluster = Cluster(embedded_files.programs())
    cluster.copy(made / "data")
    cluster.resume()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def postgres_15() -> Iterator[Cluster]:
    """Run Debian's PostgreSQL 15, the oldest we support, once per session; without any database."""
    cluster = Cluster(DEBIAN_15)
    cluster.start()
    yield cluster
    cluster.stop()


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
