"""The spool keeps changes in order on the disk, whatever happens between."""

import asyncio
import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from opsconductor.errors import SpoolFull, StoreRejected, StoreUnavailable
from opsconductor.store.spool.entry import SpoolEntry
from opsconductor.store.spool.queue import Spool, SpoolLimits, open_spool, weight_of
from tests.support.engine.alert_changes import START, alert_of, batches, created


class Clock:
    """A clock that a test sets."""

    now = START

    def __call__(self) -> datetime:
        """Return the time that was set last."""
        return self.now


def titles(entries: Sequence[SpoolEntry]) -> list[str]:
    """Name the alerts of entries."""
    return [alert.title for entry in entries for alert in entry.changes().created]


async def everything(spool: Spool) -> list[SpoolEntry]:
    """Read all waiting entries."""
    return await spool.oldest(10**9)


async def fill(spool: Spool) -> int:
    """Append until the spool is full; returns how many entries it took."""
    for taken, changes in enumerate(batches(100, 1)):
        try:
            await spool.append(changes)
        except SpoolFull:
            return taken
    raise AssertionError("the spool has no end")


def files_in(folder: Path) -> dict[str, os.stat_result]:
    """List what is in a folder."""
    return {file.name: file.stat() for file in sorted(folder.iterdir())}


async def test_entries_come_out_in_order_after_a_restart(tmp_path: Path) -> None:
    """Entries of one process are read by the next one, in order and complete."""
    async with open_spool(tmp_path) as spool:
        for changes in batches(3, 2):
            await spool.append(changes)
        before = spool.waiting
    async with open_spool(tmp_path) as spool:
        assert spool.waiting == before
        assert spool.waiting.entries == 3
        assert titles(await everything(spool)) == [f"Link down {number}" for number in range(6)]


async def test_only_so_much_is_taken_at_once(tmp_path: Path) -> None:
    """The oldest entries together weigh at most the given limit; the first is always included."""
    async with open_spool(tmp_path) as spool:
        for changes in batches(5, 10):
            assert weight_of(changes) == 20
            await spool.append(changes)
        assert len(await spool.oldest(1)) == 1
        assert len(await spool.oldest(40)) == 2
        assert len(await spool.oldest(59)) == 2
        assert len(await everything(spool)) == 5


async def test_removed_entries_are_gone_and_counted_off(tmp_path: Path) -> None:
    """Removing up to a position takes the oldest ones and leaves count, bytes and age of the others."""
    clock = Clock()
    async with open_spool(tmp_path, clock=clock) as spool:
        for minute, changes in enumerate(batches(3, 1)):
            clock.now = START + timedelta(minutes=minute)
            await spool.append(changes)
        entries = await everything(spool)
        await spool.remove(entries[1].position)
        assert (spool.waiting.entries, spool.waiting.bytes) == (1, len(entries[2].body))
        assert spool.waiting.oldest_at == START + timedelta(minutes=2)
        clock.now = START + timedelta(minutes=7)
        assert spool.age == timedelta(minutes=5)
        await spool.remove(entries[2].position)
        assert (spool.waiting.entries, spool.waiting.bytes, spool.waiting.oldest_at) == (0, 0, None)
        assert spool.age == timedelta(0)


async def test_positions_are_never_used_again(tmp_path: Path) -> None:
    """After everything is gone and the daemon was restarted, positions go on rising."""
    async with open_spool(tmp_path) as spool:
        await spool.append(created(alert_of(1)))
        first = (await everything(spool))[0].position
        await spool.remove(first)
    async with open_spool(tmp_path) as spool:
        await spool.append(created(alert_of(2)))
        assert (await everything(spool))[0].position > first


async def test_a_full_spool_refuses_and_loses_nothing(tmp_path: Path) -> None:
    """At its limit of bytes it takes nothing more, keeps what it has, and takes again when there is room."""
    async with open_spool(tmp_path, SpoolLimits(bytes=4_000)) as spool:
        taken = await fill(spool)
        assert spool.waiting.entries == taken > 1
        assert spool.waiting.bytes <= 4_000
        entries = await everything(spool)
        assert len(titles(entries)) == taken
        await spool.remove(entries[0].position)
        await spool.append(created(alert_of(1_000)))


async def test_changes_larger_than_the_limit_are_taken_alone(tmp_path: Path) -> None:
    """Changes that no spool of this size could hold do not block for ever: an empty one takes them."""
    async with open_spool(tmp_path, SpoolLimits(bytes=10)) as spool:
        await spool.append(created(alert_of(1)))
        with pytest.raises(SpoolFull):
            await spool.append(created(alert_of(2)))


async def test_age_refuses_only_when_configured(tmp_path: Path) -> None:
    """With a limit of age nothing is acknowledged any more once the oldest changes wait for too long."""
    clock = Clock()
    async with open_spool(tmp_path, SpoolLimits(age=timedelta(hours=1)), clock) as spool:
        await spool.append(created(alert_of(1)))
        clock.now = START + timedelta(minutes=59)
        await spool.append(created(alert_of(2)))
        clock.now = START + timedelta(minutes=61)
        with pytest.raises(SpoolFull, match="longer than 1:00:00"):
            await spool.append(created(alert_of(3)))


async def test_a_clock_that_jumps_back_makes_no_age(tmp_path: Path) -> None:
    """When the clock is set back the age is zero, never negative."""
    clock = Clock()
    async with open_spool(tmp_path, clock=clock) as spool:
        await spool.append(created(alert_of(1)))
        clock.now = START - timedelta(days=1)
        assert spool.age == timedelta(0)


async def test_rejected_entries_are_kept_aside_up_to_a_size(tmp_path: Path) -> None:
    """A refused change no longer waits and stays in the file with the reason, up to a limit."""
    async with open_spool(tmp_path, SpoolLimits(rejected_bytes=2_000)) as spool:
        for changes in batches(4, 1):
            await spool.append(changes)
        for entry in await everything(spool):
            await spool.reject(entry, f"no room for {entry.position}")
        assert spool.waiting.entries == spool.waiting.bytes == 0
        kept = spool.waiting.rejected
        assert 0 < kept < 4
    files = sorted((tmp_path / "spool" / "rejected").iterdir())
    reasons = [file.read_bytes().partition(b"\n")[0].decode() for file in files]
    assert reasons == [f"no room for {position}" for position in range(5 - kept, 5)]


async def test_every_entry_reaches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel is asked to put each record, and then the mark, on the disk before `append` returns."""
    async with open_spool(tmp_path) as spool:
        await spool.append(created(alert_of(1)))
        asked: list[str] = []
        real = os.fdatasync

        def noted(file: int) -> None:
            asked.append(Path(f"/proc/self/fd/{file}").readlink().suffix)
            real(file)

        monkeypatch.setattr(os, "fdatasync", noted)
        await spool.append(created(alert_of(2)))
        assert asked == [".log", ""]


async def test_the_loop_goes_on_while_the_disk_is_slow(tmp_path: Path) -> None:
    """While an append waits for the disk the event loop does other things."""
    gate = threading.Event()
    slow = replace(created(alert_of(1)), raw_data={alert_of(1).id: lambda: {"waited": gate.wait(10)}})
    async with open_spool(tmp_path) as spool:
        appending = asyncio.create_task(spool.append(slow))
        second = asyncio.create_task(spool.append(created(alert_of(2))))
        await asyncio.sleep(0)
        assert spool.waiting.entries == 0
        gate.set()
        await asyncio.gather(appending, second)
        assert titles(await everything(spool)) == ["Link down 1", "Link down 2"]


async def test_two_daemons_cannot_share_a_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process gets the error that the file is taken, and does no harm to it."""
    monkeypatch.setattr("opsconductor.store.spool.folder_lock.WAIT_S", 0.01)
    async with open_spool(tmp_path) as spool:
        await spool.append(created(alert_of(1)))
        with pytest.raises(StoreUnavailable, match="another OpsConductor daemon uses it"):
            async with open_spool(tmp_path):
                pass
        await spool.append(created(alert_of(2)))
        assert len(await everything(spool)) == 2
    async with open_spool(tmp_path) as spool:
        assert spool.waiting.entries == 2


async def test_a_spool_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """After going back to an older version the file is not touched, and the text says what to do."""
    async with open_spool(tmp_path) as spool:
        await spool.append(created(alert_of(1)))
    (segment,) = (tmp_path / "spool").glob("*.log")
    newer = segment.read_bytes().replace(b"OCSPOOL1", b"OCSPOOL7", 1)
    segment.write_bytes(newer)
    with pytest.raises(StoreRejected, match="format 7, this one knows 1"):
        async with open_spool(tmp_path):
            pass
    assert segment.read_bytes() == newer


async def test_the_file_is_for_the_daemon_alone(tmp_path: Path) -> None:
    """Other users cannot read what devices sent."""
    async with open_spool(tmp_path) as spool:
        await spool.append(created(alert_of(1)))
        modes = {stat.st_mode & 0o777 for stat in files_in(tmp_path / "spool").values()}
    assert modes == {0o600}
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700


async def test_a_spool_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    """Where its folder should be is a file: the spool cannot be opened, and the text names it."""
    (tmp_path / "gone").touch()
    with pytest.raises(StoreUnavailable, match=r"gone"):
        async with open_spool(tmp_path / "gone"):
            pass


async def test_the_spool_makes_its_folder(tmp_path: Path) -> None:
    """A first start with a PostgreSQL of one's own finds no data directory yet."""
    async with open_spool(tmp_path / "var" / "lib") as spool:
        assert spool.waiting.entries == 0
    assert (tmp_path / "var" / "lib" / "spool" / "mark").exists()


async def test_an_empty_spool_gives_its_space_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a long outage the file does not stay as large as it was."""
    monkeypatch.setattr("opsconductor.store.spool.file.SEGMENT_BYTES", 30_000)
    async with open_spool(tmp_path) as spool:
        for changes in batches(30, 50):
            await spool.append(changes)
        segments = len(list((tmp_path / "spool").glob("*.log")))
        assert segments > 3
        entries = await everything(spool)
        await spool.remove(entries[15].position)
        assert 0 < len(list((tmp_path / "spool").glob("*.log"))) < segments
        await spool.remove(entries[-1].position)
        assert sum(stat.st_size for stat in files_in(tmp_path / "spool").values()) < 50_000
