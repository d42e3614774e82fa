"""`make bench`: the steps and the other connectors, then the whole beside its peers, then storms.

Arguments go to the last two: `python -m tests.benchmarks --seconds 60`.
"""

import subprocess
import sys

STEPS = ("bench_decode", "bench_engine", "bench_outage", "bench_reload", "bench_commit")
CONNECTORS = ("bench_snmp_poll", "bench_mqtt", "bench_netbox", "bench_inventory")
WHOLE = ("bench_traps", "bench_webhook_in", "bench_storm")


def main() -> None:
    """Run every benchmark in a process of its own, so that none inherits the heap of another."""
    for name in (*STEPS, *CONNECTORS, *WHOLE):
        print(f"\n== {name}", flush=True)
        arguments = sys.argv[1:] if name in WHOLE else []
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *arguments], check=True)


if __name__ == "__main__":
    main()
