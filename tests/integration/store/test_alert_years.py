"""The years of alerts that benchmarks measure are as the daemon would have stored them."""

import asyncpg
import pytest

from tests.support.store.alert_years import OWN_INDEXES, fill


async def test_an_interrupted_fill_leaves_every_index(pool: asyncpg.Pool) -> None:
    """A fill that fails half-way changes no alert and no index; one that ends has rebuilt them."""
    before = sorted(map(tuple, await pool.fetch(OWN_INDEXES)))
    await fill(pool, 200, 20, many=0)
    with pytest.raises(asyncpg.UniqueViolationError):
        await fill(pool, 200, 20, many=0)
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 200
    assert sorted(map(tuple, await pool.fetch(OWN_INDEXES))) == before
