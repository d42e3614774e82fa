"""A full disk: the spool reports it, loses nothing, and recovers by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opsconductor.errors import SpoolFull, StoreUnavailable
from opsconductor.store.spool.queue import Spool, open_spool
from tests.support.daemons.small_disk import small_disk
from tests.support.engine.alert_changes import alert_of, batches, created


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Folder that takes about 1 MiB."""
    with small_disk(tmp_path / "disk") as folder:
        yield folder


async def fill(spool: Spool) -> int:
    """Append until the disk is full; returns how many entries were taken."""
    for taken, changes in enumerate(batches(1_000, 100)):
        try:
            await spool.append(changes)
        except StoreUnavailable as error:
            assert not isinstance(error, SpoolFull)  # noqa: PT017 - any other error must come through
            return taken
    raise AssertionError("the disk is not full")


async def numbers(spool: Spool) -> list[int]:
    """Name the entries by the number of their first alert."""
    entries = await spool.oldest(10**9)
    return [int(entry.changes().created[0].source_alert_id) // 100 for entry in entries]


async def test_a_full_disk_refuses_and_loses_nothing(disk: Path) -> None:
    """An entry that does not fit is refused as unavailable; accepted ones are there, also after a restart."""
    async with open_spool(disk) as spool:
        taken = await fill(spool)
        assert taken > 10
        assert spool.waiting.entries == taken
        assert await numbers(spool) == list(range(taken))
        with pytest.raises(StoreUnavailable):
            await spool.append(next(batches(1, 100)))
    async with open_spool(disk) as spool:
        assert await numbers(spool) == list(range(taken))


async def test_a_full_disk_can_be_drained(disk: Path) -> None:
    """Group after group comes out once and in order, though nothing can be deleted; then there is room."""
    async with open_spool(disk) as spool:
        taken = await fill(spool)
        drained = []
        while spool.waiting.entries:
            entries = await spool.oldest(1_000)
            drained += [int(entry.changes().created[0].source_alert_id) // 100 for entry in entries]
            await spool.remove(entries[-1].position)
        assert drained == list(range(taken))
        assert spool.waiting.bytes == 0
        assert spool.waiting.oldest_at is None
        await spool.append(created(alert_of(1)))
        assert spool.waiting.entries == 1
    async with open_spool(disk) as spool:
        assert (await spool.oldest(1))[0].changes().created == (alert_of(1),)
        assert spool.waiting.entries == 1


async def test_drained_entries_do_not_come_back_before_all_are(disk: Path) -> None:
    """Until the file could be deleted, a crash repeats what was drained: never less, always in order."""
    async with open_spool(disk) as spool:
        taken = await fill(spool)
        await spool.remove((await spool.oldest(1_000))[-1].position)
        left = await numbers(spool)
        assert left[-1] == taken - 1
    async with open_spool(disk) as spool:
        again = await numbers(spool)
    assert again[-len(left) :] == left


async def test_rejected_entries_outlive_a_full_disk(disk: Path) -> None:
    """Refused changes are not deleted with a file that must go to make room."""
    async with open_spool(disk) as spool:
        await spool.append(created(alert_of(1)))
        await spool.reject((await spool.oldest(1))[0], "no")
        await fill(spool)
        await spool.remove((await spool.oldest(10**9))[-1].position)
        assert spool.waiting.entries == 0
        assert spool.waiting.rejected == 1
    assert len(list((disk / "spool" / "rejected").iterdir())) == 1
