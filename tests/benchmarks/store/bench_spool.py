"""Cost of the spool: milliseconds until a batch is safe on the disk, and how fast it is drained.

Run with `python -m tests.benchmarks.store.bench_spool [FOLDER]`; the folder says which disk is measured.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from opsconductor.model.changes import Changes
from opsconductor.pipeline.committer import GROUP_WEIGHT, joined
from opsconductor.store.spool.codec import decode, encode
from opsconductor.store.spool.queue import Spool, open_spool
from tests.support.engine.alert_changes import alert_of, batches, created, repeated

ROUNDS = 100
SIZES = (1, 50, 500, 5_000)


async def main(folder: Path | None) -> None:
    """Print the tables."""
    print(f"{'alerts in a batch':<22} {'encode':>9} {'append':>9} {'p99':>9} {'kB':>9} {'batches/s':>10}")
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-", dir=folder) as name:
        for size in SIZES:
            rounds = ROUNDS if size < 5_000 else 20
            for kind, changes in (("new", new(size)), ("repeated", again(size))):
                place = Path(name) / f"{size}-{kind}"
                place.mkdir()
                async with open_spool(place) as spool:
                    await measure_append(spool, f"{size:,} {kind}", [changes] * rounds)
        place = Path(name) / "drain"
        place.mkdir()
        async with open_spool(place) as spool:
            await measure_drain(spool)


def new(size: int) -> Changes:
    """Make so many new alerts, with history and raw data."""
    return next(batches(1, size))


def again(size: int) -> Changes:
    """Repeat so many alerts, with new raw data: a storm."""
    source = new(size)
    repeats = tuple(repeated(alert, 7).repeated[0] for alert in source.created)
    return Changes(repeated=repeats, raw_data=source.raw_data, folded=size)


async def measure_append(spool: Spool, title: str, many: Sequence[Changes]) -> None:
    """Append one after the other and print milliseconds: of encoding alone, median and p99 of the whole."""
    encoding = median(seconds_of(lambda: encode(many[0])) for _ in range(10))
    spent = []
    for changes in many:
        started = time.perf_counter()
        await spool.append(changes)
        spent.append(time.perf_counter() - started)
    size = spool.waiting.bytes / spool.waiting.entries / 1000
    p99 = sorted(spent)[int(len(spent) * 0.99)]
    rate = len(spent) / sum(spent)
    print(
        f"{title:<22} {encoding * 1e3:>9.2f} {median(spent) * 1e3:>9.2f} {p99 * 1e3:>9.2f}"
        f" {size:>9.1f} {rate:>10.0f}"
    )


async def measure_drain(spool: Spool) -> None:
    """Read, decode, join and remove without PostgreSQL: what draining costs beside the writing."""
    for changes in batches(200, 500):
        await spool.append(changes)
    alerts = 200 * 500
    started = time.perf_counter()
    while spool.waiting.entries:
        entries = await spool.oldest(GROUP_WEIGHT)
        await asyncio.to_thread(joined, entries)
        await spool.remove(entries[-1].position)
    spent = time.perf_counter() - started
    print(
        f"\ndrain {alerts:,} new alerts, PostgreSQL apart: {spent:.2f} s, {spent / alerts * 1e6:.0f} us each"
    )
    body = encode(created(*(alert_of(number) for number in range(500))))
    reading = median(seconds_of(lambda: decode(body)) for _ in range(20))
    print(f"decode 500 new alerts: {reading * 1e3:.2f} ms")


def seconds_of(work: Callable[[], object]) -> float:
    """Measure how long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median(values: Iterable[float]) -> float:
    """Take the value in the middle."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
