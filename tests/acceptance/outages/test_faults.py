"""Every fault happens once, under load; nothing that was acknowledged is lost.

The long form is `make soak`. The seed is printed; OPSCONDUCTOR_TEST_SEED=... draws the same again.
"""

import os
import random
import time

from tests.soak.faults import DECK
from tests.soak.oracle import Oracle
from tests.soak.report import Report, table
from tests.soak.run import Run, loaded
from tests.soak.stage import Plan, staged

HASTE = 0.15
RATE = 30.0
ENOUGH_S = 300.0


async def test_every_fault_once_loses_nothing_acknowledged() -> None:
    """Five kills of the daemon and one of each other fault, in random order, then the oracle judges all."""
    seed = int(os.environ.get("OPSCONDUCTOR_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    plan = Plan(seed=seed, rate=RATE, is_forked=True, spool_mib=600, database_mib=320)
    lines: list[str] = []
    async with staged(plan) as stage:
        oracle, report = Oracle(stage.postgres, stage.load), Report(seed)
        run = Run(stage=stage, oracle=oracle, report=report, say=lines.append, haste=HASTE)
        kinds = list(DECK)
        stage.chance.shuffle(kinds)
        started = time.monotonic()
        async with loaded(stage):
            await run.go_through(iter(kinds), started + ENOUGH_S)
        report.seconds = time.monotonic() - started
        await run.conclude()
    summary = "\n".join([*lines, table(report, stage.load, oracle.verdict)])
    assert not oracle.verdict.faults, summary
    assert report.kinds == {kind.name for kind in kinds}, summary
    assert stage.load.acknowledged > 1_000, summary
