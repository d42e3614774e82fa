"""`make soak`: prints a line a minute, and one table at the end; status 1 when a law was broken."""

import argparse
import asyncio
import random
import signal
import sys
import time

from tests.soak.oracle import Oracle
from tests.soak.report import Report, table
from tests.soak.run import Run, loaded, rounds
from tests.soak.stage import ARCHIVES, Plan, Stage, staged

MIB_A_MINUTE = 64
LEAST_MIB = 1024
PROGRESS_S = 60.0
MOST_PRINTED = 5


def arguments() -> argparse.Namespace:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__, prog="python -m tests.soak")
    options.add_argument("--minutes", type=float, default=20, help="how long faults happen (default 20)")
    options.add_argument("--seed", type=int, help="draws everything; printed, so that a run can be had again")
    options.add_argument("--rate", type=float, default=150, help="messages a second (default 150)")
    options.add_argument("--embedded", action="store_true", help="let the daemon bring its own PostgreSQL")
    options.add_argument("--no-socket", action="store_true", help="without socket activation")
    options.add_argument(
        "--archive",
        choices=ARCHIVES,
        default="kept",
        help="raw event archive: as by default, off, next to nothing kept, or with 1,000,000 rows before",
    )
    options.add_argument("--verbose", action="store_true", help="a line for each fault")
    return options.parse_args()


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


async def progress(stage: Stage, oracle: Oracle, report: Report) -> None:
    """Print the progress every minute, and the laws that were broken in it."""
    printed = 0
    while True:
        await asyncio.sleep(PROGRESS_S)
        load = stage.load
        faults = sum(entry.times for entry in report.injected.values())
        say(
            f"{faults} faults, {load.messages} INFORMs, {load.acknowledged} acknowledged, "
            f"{len(oracle.verdict.lost)} lost, {len(oracle.verdict.twice)} counted twice, "
            f"{len(oracle.verdict.faults)} laws broken, {stage.daemon.memory_kib() // 1024} MiB"
        )
        for fault in oracle.verdict.faults[printed : printed + MOST_PRINTED]:
            say(f"  broken: {fault}")
        printed = len(oracle.verdict.faults)


async def soak(options: argparse.Namespace) -> int:
    """Run; returns the exit status. SIGTERM ends it as Ctrl-C does: everything is taken down."""
    running = asyncio.current_task()
    assert running is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    say(
        f"seed {seed}, {options.minutes} minutes, {options.rate} messages a second, archive {options.archive}"
    )
    plan = Plan(
        seed=seed,
        rate=options.rate,
        is_embedded=options.embedded,
        is_lent=not options.no_socket,
        archive=options.archive,
        database_mib=int(LEAST_MIB + MIB_A_MINUTE * options.minutes),
    )
    async with staged(plan) as stage:
        oracle, report = Oracle(stage.postgres, stage.load), Report(seed)
        run = Run(stage=stage, oracle=oracle, report=report, say=say if options.verbose else _nothing)
        printing = asyncio.create_task(progress(stage, oracle, report))
        started = time.monotonic()
        async with loaded(stage):
            await run.go_through(rounds(stage.chance), started + 60 * options.minutes)
        report.seconds = time.monotonic() - started
        await run.conclude()
        printing.cancel()
        sys.stdout.write(f"\n{table(report, stage.load, oracle.verdict)}\n")
        return 1 if oracle.verdict.faults or oracle.verdict.lost else 0


def _nothing(_: str) -> None:
    """Print nothing."""


if __name__ == "__main__":
    sys.exit(asyncio.run(soak(arguments())))
