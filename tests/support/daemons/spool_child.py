"""A process that commits without end and is killed at any moment: `... spool_child FOLDER URL`.

Step number N creates alert N, says that the alert `counter` has come N times, and lets the one fault
`flipper` begin (even N) or end (odd N). After each step that is durable it prints N.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import asyncpg

from opsconductor.errors import StoreUnavailable
from opsconductor.limits import Backoff
from opsconductor.model.changes import Changes
from opsconductor.pipeline import committer
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres.connection import open_pool
from opsconductor.store.spool.queue import open_spool
from tests.support.engine.alert_changes import alert_of, created, ended, repeated

COUNTER = alert_of(1_000_000, run="counter")
FLIPPER = alert_of(2_000_000, run="flipper").fingerprint
IMPATIENT = committer.CommitTimeouts(
    commit_s=0.2,
    drain=Backoff(first=timedelta(seconds=2.0)),
    retry=Backoff(first=timedelta(seconds=0.005), longest=timedelta(seconds=0.02)),
)

# many small groups, so that kills meet draining
committer.GROUP_WEIGHT = 20


def step(number: int) -> Changes:
    """Make the changes of one step, the same in every process."""
    if number == 0:
        return created(COUNTER)
    flipper = replace(alert_of(number - number % 2, run="flip"), fingerprint=FLIPPER)
    flip = ended(flipper, 1) if number % 2 else created(flipper)
    return created(alert_of(number)).then(repeated(COUNTER, number)).then(flip)


async def patient_pool(url: str) -> asyncpg.Pool:
    """Connect as soon as the database accepts connections."""
    while True:
        with suppress(StoreUnavailable):
            return await open_pool(url, 3)
        await asyncio.sleep(0.01)


def say(word: str, number: int) -> None:
    """Print a line for the test, at once."""
    sys.stdout.write(f"{word} {number}\n")
    sys.stdout.flush()


async def main(folder: Path, url: str) -> None:
    """Recover as the daemon does, then take one step after the other."""
    pool = await patient_pool(url)
    async with open_spool(folder) as spool:
        durable = committer.DurableCommitter(partial(commit, pool), spool, IMPATIENT)
        await durable.recover(timedelta(minutes=1))
        draining = asyncio.create_task(durable.drain_forever())
        done = await last_step(pool)
        say("loaded", done)
        for number in count(done + 1):
            await durable.commit(step(number))
            say("done", number)
            if draining.done():
                draining.result()


async def last_step(pool: asyncpg.Pool) -> int:
    """Read from the database which step was the last; -1: none was."""
    while True:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            found = await pool.fetchval("SELECT occurrence_count FROM alerts WHERE id = $1", COUNTER.id)
            # step 0 leaves the count at 1, and so does step 1: taking step 1 again is harmless
            return -1 if found is None else found if found > 1 else 0
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
