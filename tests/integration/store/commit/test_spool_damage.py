"""A damaged spool: readable entries go on, missing ones are counted and reported, the file is kept."""

import asyncio
import logging
import os
import random
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from opsconductor import metrics
from opsconductor.errors import StoreRejected
from opsconductor.selfcheck.watch.trouble import Facts, SpoolFacts, troubles_of
from opsconductor.store.spool.entry import SpoolEntry
from opsconductor.store.spool.queue import Spool, open_spool
from opsconductor.store.spool.record import HEAD_BYTES, RECORD_HEAD_BYTES
from tests.support.engine.alert_changes import alert_of, batches, created

ENTRIES = 20
IN_EACH = 50
LOUD = "acknowledged changes are missing in the spool, the rest is used and the file is kept"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a spool with 20 entries that was closed in order."""

    async def make(folder: Path) -> Path:
        async with open_spool(folder) as spool:
            await fill(spool)
        return folder

    return asyncio.run(make(tmp_path_factory.mktemp("spool")))


@pytest.fixture
def stopped(made: Path, tmp_path: Path) -> Path:
    """Copy that spool, to be damaged."""
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


async def fill(spool: Spool) -> None:
    """Append the entries that the tests look for."""
    for changes in batches(ENTRIES, IN_EACH):
        await spool.append(changes)


def segment_of(folder: Path) -> Path:
    """Find the one segment file."""
    (segment,) = (folder / "spool").glob("0*.log")
    return segment


def readable(entries: Sequence[SpoolEntry]) -> list[int]:
    """Name the entries that are whole by the number of their first alert."""
    found = []
    for entry in entries:
        try:
            found.append(int(entry.changes().created[0].source_alert_id) // IN_EACH)
        except StoreRejected:
            continue
    return found


async def found_in(folder: Path) -> tuple[list[int], int]:
    """Open the spool again; return its entries, and the reported number of missing ones.

    It must take new entries too, and report the same again after the next start.
    """
    async with open_spool(folder) as spool:
        found = readable(await spool.oldest(10**9))
        lost = sum(loss.entries for loss in spool.losses)
        entries = spool.waiting.entries
        await spool.append(created(alert_of(99_999)))
        assert spool.waiting.entries == entries + 1
    async with open_spool(folder) as spool:
        assert spool.waiting.entries == entries + 1
        assert sum(loss.entries for loss in spool.losses) == lost
    return found, lost


def overwrite(file: Path, at: int, data: bytes) -> None:
    """Put other bytes into a file, which stays as long as it is."""
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(data[: file.stat().st_size - at])


async def test_a_killed_spool_is_not_damaged(tmp_path: Path) -> None:
    """The file after a kill is read completely, and nothing is reported."""
    async with open_spool(tmp_path / "running") as spool:
        await fill(spool)
        shutil.copytree(tmp_path / "running", tmp_path / "killed")
    assert await found_in(tmp_path / "killed") == (list(range(ENTRIES)), 0)


@pytest.mark.parametrize("size", [1, 7, 20, 100])
async def test_an_entry_that_was_not_finished_is_no_damage(stopped: Path, size: int) -> None:
    """Killed while it wrote: unmarked entries were not acknowledged."""
    segment = segment_of(stopped)
    with segment.open("ab") as file:
        file.write(segment.read_bytes()[HEAD_BYTES : HEAD_BYTES + size])
    assert await found_in(stopped) == (list(range(ENTRIES)), 0)


async def test_an_entry_whose_mark_was_not_written_is_used(tmp_path: Path) -> None:
    """Killed between record and mark: the record is whole, and its number is not used again."""
    async with open_spool(tmp_path) as spool:
        await fill(spool)
        mark = (tmp_path / "spool" / "mark").read_bytes()
        await spool.append(created(alert_of(ENTRIES * IN_EACH)))
    (tmp_path / "spool" / "mark").write_bytes(mark)
    assert await found_in(tmp_path) == (list(range(ENTRIES + 1)), 0)


async def test_bytes_overwritten_in_the_middle_are_reported(
    stopped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """256 bytes cost the entries that they hit; log and alert have the number, the file is kept."""
    segment = segment_of(stopped)
    before = metrics.spool_lost._value.get()
    overwrite(segment, segment.stat().st_size // 2, os.urandom(256))
    async with open_spool(stopped) as spool:
        found = readable(await spool.oldest(10**9))
        lost = ENTRIES - len(found)
        assert lost in (1, 2)
        (loss,) = spool.losses
        assert (loss.entries, loss.reports) == (lost, lost * IN_EACH)
        assert metrics.spool_lost._value.get() == before + lost
        loud = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert [record.getMessage() for record in loud] == [LOUD]
        assert (loud[0].__dict__["amount"], loud[0].__dict__["reports"]) == (lost, lost * IN_EACH)
        await spool.remove((await spool.oldest(10**9))[-1].position)
        assert spool.losses == [loss], "also when all the rest is drained"
    assert (stopped / "spool" / f"damaged-{segment.name}").exists()
    async with open_spool(stopped) as spool:
        assert spool.losses == [loss]
        loss.note(stopped / "spool").unlink()
        assert spool.losses == []
    assert len([record for record in caplog.records if record.getMessage() == LOUD]) == 1


def test_missing_entries_are_an_alert_of_the_daemon_on_itself() -> None:
    """With their number, until a person has confirmed it."""
    spool = SpoolFacts(
        entries=0, bytes=0, limit_bytes=1, age=timedelta(0), rejected=0, lost=3, lost_reports=188
    )
    facts = Facts(is_database_away=False, spool=spool, connectors={}, losses=(), silences=())
    (trouble,) = troubles_of(facts)
    assert trouble.alert_type == "application_spool_damaged"
    assert "3 batches with 188 reports" in trouble.message


@pytest.mark.parametrize("left", [0, 5, HEAD_BYTES, 100, 2_000, -1])
async def test_a_tail_that_is_cut_off_is_reported(stopped: Path, left: int) -> None:
    """How far the spool was written is known apart from it, so that its end cannot go unnoticed."""
    segment = segment_of(stopped)
    os.truncate(segment, left % segment.stat().st_size)
    found, lost = await found_in(stopped)
    assert found == list(range(len(found)))
    assert len(found) + lost == ENTRIES
    assert lost > 0


async def test_a_segment_that_is_gone_is_reported(stopped: Path) -> None:
    """Deleted while the daemon is stopped: all of its entries are missing."""
    segment_of(stopped).unlink()
    assert await found_in(stopped) == ([], ENTRIES)


async def test_garbage_is_reported(stopped: Path) -> None:
    """Nothing of the file is left."""
    segment_of(stopped).write_bytes(random.Random(1).randbytes(50_000))
    assert await found_in(stopped) == ([], ENTRIES)


async def test_without_its_mark_all_entries_are_used(stopped: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Only then the end cannot be known, and the log says so."""
    (stopped / "spool" / "mark").unlink()
    assert await found_in(stopped) == (list(range(ENTRIES)), 0)
    assert "the spool is damaged" in caplog.text


async def test_drained_entries_do_not_come_back_and_are_not_missing(stopped: Path) -> None:
    """Damage in entries that are no longer needed costs nothing."""
    async with open_spool(stopped) as spool:
        entries = await spool.oldest(10**9)
        await spool.remove(entries[9].position)
    overwrite(segment_of(stopped), HEAD_BYTES + RECORD_HEAD_BYTES, os.urandom(256))
    found, lost = await found_in(stopped)
    assert (found, lost) == (list(range(10, ENTRIES)), 0)


@pytest.mark.parametrize("seed", range(60))
async def test_nothing_is_lost_without_a_report(
    stopped: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever bytes are flipped, overwritten or cut, every entry is there or counted as missing.

    Only when the mark is damaged together with the end, the last one may be reported without its number.
    """
    chance = random.Random(seed)
    segment, mark = segment_of(stopped), stopped / "spool" / "mark"
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(segment.stat().st_size)
        overwrite(segment, at, chance.randbytes(chance.choice([1, 30, 256, 5_000])))
    if chance.random() < 0.3:
        os.truncate(segment, chance.randrange(segment.stat().st_size))
    if chance.random() < 0.3:  # one slot of the mark: a write that was torn
        overwrite(mark, chance.choice([0, 512]) + chance.randrange(40), b"\xff")
    found, lost = await found_in(stopped)
    assert found == sorted(set(found))
    if "the spool is damaged" in caplog.text:
        assert len(found) + lost >= ENTRIES - 1
    else:
        assert len(found) + lost == ENTRIES


async def test_damage_while_it_runs_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Damaged bytes under the running daemon cost their entries, not later ones."""
    async with open_spool(tmp_path) as spool:
        await fill(spool)
        overwrite(segment_of(tmp_path), 2_000, os.urandom(256))
        found = readable(await spool.oldest(10**9))
        lost = sum(loss.entries for loss in spool.losses)
        assert lost == ENTRIES - len(found) > 0
        await spool.append(created(alert_of(99_999)))
        entries = await spool.oldest(10**9)
        assert entries[-1].changes().created[0].source_alert_id == "99999"
        assert spool.waiting.entries == len(entries)
    assert LOUD in caplog.text
    async with open_spool(tmp_path) as spool:
        assert sum(loss.entries for loss in spool.losses) == lost


@pytest.mark.parametrize("what", ["segment", "mark", "all"])
async def test_files_removed_under_the_running_daemon_are_written_anew(tmp_path: Path, what: str) -> None:
    """Deleting them while they are in use loses nothing: the next append writes all anew."""
    running = tmp_path / "running"
    async with open_spool(running) as spool:
        await fill(spool)
        if what == "all":
            shutil.rmtree(running / "spool")
        else:
            (running / "spool" / "mark" if what == "mark" else segment_of(running)).unlink()
        await spool.append(created(alert_of(ENTRIES * IN_EACH)))
        shutil.copytree(running, tmp_path / "killed")
    assert await found_in(tmp_path / "killed") == (list(range(ENTRIES + 1)), 0)


async def test_rejected_entries_are_kept(stopped: Path) -> None:
    """Changes that PostgreSQL has refused are still there after damage."""
    async with open_spool(stopped) as spool:
        await spool.reject((await spool.oldest(1))[0], "no")
    os.truncate(segment_of(stopped), 2_000)
    async with open_spool(stopped) as spool:
        assert spool.waiting.rejected == 1
