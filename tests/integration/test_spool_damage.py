"""A damaged spool file is moved aside, what can be read of it goes on, and the daemon starts."""

import logging
import os
import random
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from opsconductor import metrics
from opsconductor.errors import StoreRejected
from opsconductor.store.spool import Spool, open_spool
from opsconductor.store.spool_file import Entry
from tests.alert_changes import alert_of, batches, created

ENTRIES = 20
PAGE = 4096


@pytest.fixture
async def stopped(tmp_path: Path) -> Path:
    """Folder of a spool with 20 entries that was closed in order: everything is in the database."""
    folder = tmp_path / "stopped"
    folder.mkdir()
    async with open_spool(folder) as spool:
        await fill(spool)
    return folder


@pytest.fixture
async def killed(tmp_path: Path) -> Path:
    """Folder of a spool with 20 entries as a kill leaves it: much of it is in the log."""
    folder = tmp_path / "running"
    folder.mkdir()
    async with open_spool(folder) as spool:
        await fill(spool)
        shutil.copytree(folder, tmp_path / "killed")
    return tmp_path / "killed"


async def fill(spool: Spool) -> None:
    """Append the entries that the tests look for."""
    for changes in batches(ENTRIES, 50):
        await spool.append(changes)


def readable(entries: Sequence[Entry]) -> list[int]:
    """Name the entries that are whole by the number of their first alert."""
    found = []
    for entry in entries:
        try:
            found.append(int(entry.changes().created[0].source_alert_id) // 50)
        except StoreRejected:
            continue
    return found


async def found_in(folder: Path) -> list[int]:
    """Open the spool again and read what it still has; it must take new entries too."""
    async with open_spool(folder) as spool:
        found = readable(await spool.oldest(10**9))
        entries = spool.waiting.entries
        await spool.append(created(alert_of(99_999)))
        assert spool.waiting.entries == entries + 1
    async with open_spool(folder) as spool:
        assert spool.waiting.entries == entries + 1
    return found


def damaged(folder: Path) -> list[Path]:
    """List what was moved aside."""
    return sorted(file for file in folder.iterdir() if "damaged" in file.name)


def damaged_names(folder: Path) -> set[str]:
    """Name what was moved aside, without the time."""
    return {file.name.rpartition("-2")[0] for file in damaged(folder)}


def overwrite(file: Path, at: int, data: bytes) -> None:
    """Put other bytes into a file."""
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(data)


async def test_a_killed_spool_is_not_damaged(killed: Path) -> None:
    """What a kill leaves is read whole, and nothing is moved aside."""
    assert await found_in(killed) == list(range(ENTRIES))
    assert damaged_names(killed) == set()


async def test_garbage_is_moved_aside(stopped: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that is no database at all is moved aside with one loud line, counted, and replaced."""
    (stopped / "spool.db").write_bytes(random.Random(1).randbytes(50_000))
    before = metrics.spool_damaged._value.get()
    assert await found_in(stopped) == []
    assert damaged_names(stopped) == {"spool.db.damaged"}
    assert metrics.spool_damaged._value.get() == before + 1
    loud = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in loud] == [
        "the spool file is damaged, going on with what can be read of it"
    ]
    assert "spool.db.damaged-" in loud[0].__dict__["path"]


@pytest.mark.parametrize("cut", [PAGE * 10, PAGE * 20 + 777, PAGE * 30 + 1, -1])
async def test_a_truncated_file_keeps_what_is_left(stopped: Path, cut: int) -> None:
    """Of a file that was cut off, the entries before the cut are saved."""
    database = stopped / "spool.db"
    size = database.stat().st_size
    os.truncate(database, cut % size)
    found = await found_in(stopped)
    assert found == list(range(len(found)))
    assert len(found) >= ENTRIES * (cut % size) // size - 2
    assert damaged_names(stopped) == {"spool.db.damaged"}


async def test_a_hole_costs_only_what_was_in_it(stopped: Path) -> None:
    """Pages of zeros in the middle take the entries in them, and those before and behind are saved."""
    overwrite(stopped / "spool.db", PAGE * 16, bytes(PAGE * 4))
    found = await found_in(stopped)
    assert ENTRIES - 6 <= len(found) < ENTRIES
    assert found[0] == 0
    assert found[-1] == ENTRIES - 1


@pytest.mark.parametrize("left", ["missing", "empty"])
async def test_the_log_alone_is_enough(killed: Path, left: str) -> None:
    """When the database is gone or empty, all that its log holds is saved."""
    (killed / "spool.db").unlink()
    if left == "empty":
        (killed / "spool.db").touch()
    assert await found_in(killed) == list(range(ENTRIES))


async def test_a_database_of_someone_else_is_moved_aside(tmp_path: Path) -> None:
    """An SQLite file with other tables is not written to."""
    connection = sqlite3.connect(tmp_path / "spool.db")
    connection.execute("CREATE TABLE contacts (name TEXT)")
    connection.close()
    assert await found_in(tmp_path) == []
    connection = sqlite3.connect(next(iter(damaged(tmp_path))))
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("contacts",)]
    connection.close()


async def test_rejected_entries_are_saved_too(stopped: Path) -> None:
    """What PostgreSQL has refused is still there after a repair."""
    async with open_spool(stopped) as spool:
        await spool.reject((await spool.oldest(1))[0], "no")
    os.truncate(stopped / "spool.db", (stopped / "spool.db").stat().st_size - PAGE)
    async with open_spool(stopped) as spool:
        assert spool.waiting.rejected == 1
        assert spool.waiting.entries >= ENTRIES - 3


@pytest.mark.parametrize("seed", range(40))
async def test_any_damage_is_survived(killed: Path, seed: int) -> None:
    """Wherever bytes are changed in database and log, the spool opens, reads and takes new entries."""
    chance = random.Random(seed)
    for file in (killed / "spool.db", killed / "spool.db-wal"):
        for _ in range(chance.randrange(4)):
            at = chance.randrange(file.stat().st_size)
            overwrite(file, at, chance.randbytes(chance.choice([1, 30, 5_000])))
        if chance.random() < 0.2:
            os.truncate(file, chance.randrange(file.stat().st_size))
    found = await found_in(killed)
    assert found == sorted(set(found))


async def test_damage_while_it_runs_is_repaired(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Pages that go bad under the running daemon cost what was in them, not what comes later."""
    async with open_spool(tmp_path) as spool:
        await fill(spool)
        await spool._in_thread(lambda: spool._file._opened().execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        await spool._in_thread(lambda: spool._file._opened().execute("PRAGMA cache_size = 0"))
        overwrite(tmp_path / "spool.db", PAGE * 2, os.urandom(PAGE * 30))
        await spool.oldest(10**9)
        await spool.append(created(alert_of(99_999)))
        entries = await spool.oldest(10**9)
        assert entries[-1].changes().created[0].source_alert_id == "99999"
        assert spool.waiting.entries == len(entries)
    assert "damaged" in caplog.text


@pytest.mark.parametrize("name", ["spool.db", "spool.db-wal"])
async def test_a_file_removed_under_the_running_daemon_is_written_anew(tmp_path: Path, name: str) -> None:
    """Whoever deletes the file while it is in use takes nothing away: the next append writes it all anew."""
    async with open_spool(tmp_path) as spool:
        await fill(spool)
        (tmp_path / name).unlink()
        await spool.append(created(alert_of(ENTRIES * 50)))
        shutil.copytree(tmp_path, tmp_path / "killed")
    async with open_spool(tmp_path / "killed") as spool:
        assert readable(await spool.oldest(10**9)) == list(range(ENTRIES + 1))


async def test_a_repair_that_was_interrupted_is_finished(stopped: Path) -> None:
    """Killed between moving the damaged file away and putting the new one in its place: it is used."""
    (stopped / "spool.db").rename(stopped / "spool.db.new")
    (stopped / "spool.db-wal").write_bytes(b"the log of the damaged one")
    assert await found_in(stopped) == list(range(ENTRIES))


async def test_a_repair_that_was_not_finished_begins_anew(stopped: Path) -> None:
    """Killed while the new file was being written: the old one is there, the new one does not count."""
    shutil.copy(stopped / "spool.db", stopped / "spool.db.new")
    os.truncate(stopped / "spool.db.new", PAGE * 5)
    assert await found_in(stopped) == list(range(ENTRIES))
    assert not (stopped / "spool.db.new").exists()
