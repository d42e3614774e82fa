"""`make bench-detect`: cost, a fleet of kinds developed on, one of held-out kinds, feedback. Only prints."""

import argparse
import subprocess
import sys


def main() -> None:
    """Run every part in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="101")
    parser.add_argument("--series", default="5000")
    chosen = parser.parse_args()
    seed = ["--seed", chosen.seed]
    parts = (
        ["cost"],
        ["fleet_scores", "--kinds", "developed", "--series", chosen.series, *seed],
        ["fleet_scores", "--kinds", "held-out", "--series", chosen.series, *seed],
        ["feedback_month", *seed],
    )
    for name, *arguments in parts:
        print(f"\n== {name} {' '.join(arguments)}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.detect.{name}", *arguments], check=True)


if __name__ == "__main__":
    main()
