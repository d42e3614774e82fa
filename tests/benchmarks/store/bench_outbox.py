"""The outbox: messages per second from the commit to the log, over channels that take them at once.

Run with `python -m tests.benchmarks.store.bench_outbox --messages 10000`. Each message is about another
alert.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.notify.settings import DeliverySettings
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database
from tests.support.notify.delivering import Recorder, delivering

CHANNELS = ("one", "two", "three", "four")
ALERTS = """
INSERT INTO alerts (id, source_system, device_ip, severity, category, alert_type, impact, urgency, priority,
                    title, occurred_at, received_at, fingerprint, last_occurrence_at)
SELECT id, 'traps', '10.0.0.1', 'major', 'network', 'network_link_down', 'low', 'high', 'P3',
       'Link Down', now(), now(), id::text, now()
FROM unnest($1::uuid[]) AS id
"""
MESSAGES = """
INSERT INTO notification_outbox (alert_id, rule_name, channel, recipient, kind, facts, urgency)
SELECT id, 'all', channel, 'noc', 'problem',
       '{"title": "Link Down", "severity": "major", "device_name": "core-sw1", "status": "active"}', 1
FROM unnest($1::uuid[], $2::text[]) AS given (id, channel)
"""


async def fill(pool: Pool, amount: int) -> None:
    """Put so many messages into the outbox, over four channels."""
    ids = [uuid4() for _ in range(amount)]
    await pool.execute(ALERTS, ids)
    await pool.execute(MESSAGES, ids, [CHANNELS[number % len(CHANNELS)] for number in range(amount)])
    await pool.execute("ANALYZE")


async def measure(pool: Pool, amount: int, slots: int) -> None:
    """Print how long it takes until all messages are in the log."""
    await fill(pool, amount)
    channels = {name: Recorder() for name in CHANNELS}
    started, cpu = time.perf_counter(), time.process_time()
    async with delivering(pool, channels, DeliverySettings(slots=slots)):
        while await pool.fetchval("SELECT count(*) FROM notification_outbox"):
            await asyncio.sleep(0.05)
    took_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    assert sum(len(channel.given) for channel in channels.values()) == amount
    print(
        f"{amount:,} messages, {slots} at once for each of {len(CHANNELS)} channels:"
        f" {amount / took_s:,.0f} a second, {1_000 * cpu_s / amount:.2f} ms of CPU each",
        flush=True,
    )


async def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=4_000)
    amount = parser.parse_args().messages
    with tempfile.TemporaryDirectory(prefix="opsconductor-bench-") as name:
        settings = Settings(data_dir=Path(name), database=DatabaseSettings(pool_size=5))
        async with open_database(settings, upgrade=True) as pool:
            for slots in (4, 20):
                await measure(pool, amount, slots)


if __name__ == "__main__":
    asyncio.run(main())
