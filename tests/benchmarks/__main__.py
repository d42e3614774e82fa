"""`make bench`: the steps and the other connectors, then the whole beside its peers, then storms.

Arguments go to the last two: `python -m tests.benchmarks --seconds 60`.
"""

import subprocess
import sys

STEPS = (
    "bench_decode",
    "bench_catalogue",
    "bench_stages",
    "bench_engine",
    "bench_rules",
    "bench_outage",
    "bench_commit",
    "bench_outbox",
    "bench_series",
    "bench_lists",
    "bench_datasets",
)
RELOAD = ("bench_reload", "bench_configuration")
CONNECTORS = ("bench_snmp_poll", "bench_mqtt", "bench_netbox", "bench_inventory")
WHOLE = ("bench_traps", "bench_webhook_in", "bench_storm", "bench_mass_outage")


def main() -> None:
    """Run every benchmark in a process of its own, so that none inherits the heap of another."""
    for name in (*STEPS, *RELOAD, *CONNECTORS, *WHOLE):
        print(f"\n== {name}", flush=True)
        arguments = sys.argv[1:] if name in WHOLE else []
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *arguments], check=True)


if __name__ == "__main__":
    main()
