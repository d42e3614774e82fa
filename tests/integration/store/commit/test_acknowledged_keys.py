"""Keys of acknowledged events: committed with the changes, read at the start, and pruned."""

from pathlib import Path

import asyncpg
import pytest

from opsconductor.model.changes import Changes
from opsconductor.model.keys import KEY_BYTES, AcknowledgedKeys, key_of
from opsconductor.store import acknowledged
from opsconductor.store.acknowledged import prune_keys, read_keys
from opsconductor.store.commit.commit import commit
from opsconductor.store.spool.queue import open_spool
from tests.support.engine.alert_changes import alert_of, created


def keys(*numbers: int, connector: str = "traps") -> Changes:
    """Make changes with keys only."""
    joined = b"".join(key_of(str(number).encode()) for number in numbers)
    return Changes(keys=(AcknowledgedKeys(connector=connector, keys=joined),))


async def read(pool: asyncpg.Pool, connector: str = "traps") -> list[bytes]:
    """Read all keys of a connector."""
    return [key async for some in read_keys(pool, connector) for key in some]


def named(*numbers: int) -> list[bytes]:
    """Make the same keys."""
    return [key_of(str(number).encode()) for number in numbers]


async def test_keys_come_back_by_connector_the_latest_first(pool: asyncpg.Pool) -> None:
    """Each connector has its own."""
    for number in range(20):
        await commit(pool, keys(2 * number, 2 * number + 1))
    await commit(pool, keys(1, connector="mqtt"))
    assert await read(pool) == named(*reversed(range(40)))
    assert await read(pool, "mqtt") == named(1)
    assert await read(pool, "other") == []


async def test_of_very_many_keys_the_latest_are_read(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory and time of a start are bounded, whatever came before."""
    monkeypatch.setattr(acknowledged, "MOST_BYTES", 5 * KEY_BYTES)
    for number in range(10):
        await commit(pool, keys(2 * number, 2 * number + 1))
    assert await read(pool) == named(19, 18, 17, 16)


async def test_changes_that_are_refused_in_part_keep_their_keys(pool: asyncpg.Pool) -> None:
    """Written once more, as after an answer that was lost, or row by row, the keys are there."""
    changes = created(alert_of(1)).then(keys(1))
    await commit(pool, changes)
    await commit(pool, changes)
    assert set(await read(pool)) == set(named(1))


async def test_keys_go_through_the_spool(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """They are in the same record as the changes that they belong to."""
    async with open_spool(tmp_path) as spool:
        await spool.append(created(alert_of(1)).then(keys(1, 2)))
        (entry,) = await spool.oldest(1)
    await commit(pool, entry.changes())
    assert await read(pool) == named(2, 1)


async def test_only_the_last_minutes_of_a_connector_are_read_and_kept(pool: asyncpg.Pool) -> None:
    """Counted from its last keys, not from now: however long the daemon was down, the last ones are known."""
    for age in ("20 minutes", "12 minutes", "9 minutes", "0 minutes"):
        await commit(pool, keys(int(age.split()[0])))
        await pool.execute(
            "UPDATE acknowledged_keys SET written_at = now() - interval '3 days' - $1::text::interval"
            " WHERE position = (SELECT max(position) FROM acknowledged_keys)",
            age,
        )
    assert await read(pool) == named(0, 9)
    assert await prune_keys(pool) == 1
    assert await read(pool) == named(0, 9)
    await commit(pool, keys(1, connector="mqtt"))
    assert await prune_keys(pool) == 0
    await pool.execute(
        "UPDATE acknowledged_keys SET written_at = written_at - interval '5 days' WHERE connector = 'traps'"
    )
    assert await prune_keys(pool) == 3
    assert await read(pool) == []
