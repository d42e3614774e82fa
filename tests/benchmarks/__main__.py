"""`make bench`: the steps of the trap path one by one, then the whole beside snmptrapd and pysnmp.

Arguments go to the last, whole measurement: `python -m tests.benchmarks --seconds 60`.
"""

import subprocess
import sys

STEPS = ("bench_decode", "bench_engine", "bench_commit")
WHOLE = "bench_traps"


def main() -> None:
    """Run every benchmark in a process of its own, so that none inherits the heap of another."""
    for name in (*STEPS, WHOLE):
        print(f"\n== {name}", flush=True)
        arguments = sys.argv[1:] if name == WHOLE else []
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *arguments], check=True)


if __name__ == "__main__":
    main()
