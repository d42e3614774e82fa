"""What the runs of the daemon have counted, as it is in the database."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from opsconductor.store.ledger import LEVELS, Run, Sum

OF_RUN = """
SELECT connector, stage, reason,
       (CASE WHEN stage = ANY ($2::text[])
             THEN coalesce(max(amount) FILTER (WHERE minute = last_minute), 0)
             ELSE sum(amount) END)::bigint AS amount
FROM (SELECT *, max(minute) OVER () AS last_minute FROM loss_ledger WHERE run_id = $1) page
GROUP BY connector, stage, reason
ORDER BY connector, stage, reason
"""
RUNS = """
SELECT id, host, version, started_at, seen_at, stopped_at FROM daemon_runs ORDER BY started_at DESC LIMIT $1
"""


async def read_run(pool: asyncpg.Pool, run_id: UUID) -> Sequence[Sum]:
    """Return the sums of a whole run; of levels the last value."""
    return [Sum(**row) for row in await pool.fetch(OF_RUN, run_id, LEVELS)]


async def read_runs(pool: asyncpg.Pool, most: int) -> Sequence[Run]:
    """Return the latest runs, newest first."""
    return [Run(**row) for row in await pool.fetch(RUNS, most)]
