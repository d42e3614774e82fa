"""Run simulated worlds of many seeds in several processes; exit status 1 if a law was broken.

`python -m tests.simulation.sweep --seeds 4000-4200`; of each failure the command that repeats it is printed.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from typing import NamedTuple

from rich.console import Console
from rich.progress import track

from tests.simulation.crashes import CrashingWorld
from tests.simulation.variety import VariedCrashingWorld, VariedWorld
from tests.simulation.world import World

KINDS: dict[str, tuple[type[World], bool, int]] = {
    "calm": (World, False, 80),
    "crashing": (CrashingWorld, False, 60),
    "people": (World, True, 60),
    "crashing-people": (CrashingWorld, True, 60),
    "varied": (VariedWorld, False, 80),
    "varied-crashing": (VariedCrashingWorld, True, 60),
}
"""Kinds of worlds: the class, whether it has people, and the usual number of steps."""
frame = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+), in \S+\n +(?P<code>.+)')


class Life(NamedTuple):
    """One world to run."""

    kind: str
    seed: int
    steps: int

    def run(self) -> None:
        """Run it.

        Raises:
            AssertionError: A law was broken. Other errors are faults of the engine or of the simulator.
        """
        world, has_people, _ = KINDS[self.kind]
        world(self.seed, has_people=has_people).live(self.steps)

    @property
    def command(self) -> str:
        """The command that repeats it."""
        return (
            f"python -m tests.simulation.sweep --kinds {self.kind} --seeds {self.seed} --steps {self.steps}"
        )


def failure_of(life: Life, future: Future[None]) -> str | None:
    """Return what a life has broken and the command that repeats it; None: nothing."""
    error = future.exception()
    if error is None:
        return None
    frames = frame.finditer(str(error.__cause__))  # the traceback in the other process
    found = [each for each in frames if "/lib/python" not in each["file"]]
    place = f"{found[-1]['file']}:{found[-1]['line']}" if found else "unknown place"
    law = str(error).partition("\n")[0] or (found[-1]["code"] if found else "")
    return f"{life.kind} {life.seed}: {type(error).__name__}: {law}\n  {place}\n  {life.command}"


def sweep(lives: Sequence[Life], console: Console, processes: int | None = None) -> list[str]:
    """Run worlds in several processes, print failures at once, and return them."""
    failures = []
    with ProcessPoolExecutor(processes) as pool:
        running = {pool.submit(life.run): life for life in lives}
        done: Iterable[Future[None]] = as_completed(running)
        for future in track(done, "worlds", total=len(lives), console=console):
            failure = failure_of(running.pop(future), future)
            if failure is not None:
                failures.append(failure)
                console.print(failure, markup=False, highlight=False, soft_wrap=True)
    return failures


def seeds_of(text: str) -> range:
    """Parse `4000-4200` or one seed."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> None:
    """Run what the command line says; a single world in this process, with its traceback."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=seeds_of, required=True, help="FIRST-LAST, or one seed")
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="default: all")
    options.add_argument("--steps", type=int, help="length of each life; default: 60 or 80, by kind")
    options.add_argument("--processes", type=int, help="default: one for each processor")
    chosen = options.parse_args()
    lives = [
        Life(kind, seed, chosen.steps or KINDS[kind][2]) for seed in chosen.seeds for kind in chosen.kinds
    ]
    if len(lives) == 1:
        lives[0].run()
        return
    console = Console()
    failures = sweep(lives, console, chosen.processes)
    broken = Counter(failure.splitlines()[1].strip() for failure in failures)
    for place, times in broken.most_common():
        console.print(f"{times:6} {place}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(lives)} worlds, {len(failures)} failures")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
