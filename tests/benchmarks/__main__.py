"""`make bench`: steps and other connectors, lists and the page, then the whole beside its peers, then storms.

`python -m tests.benchmarks bench_lists bench_page` runs those alone. Options go to the whole and the storms:
`python -m tests.benchmarks --seconds 60`.
"""

import subprocess
import sys

STEPS = (
    "bench_decode",
    "bench_catalogue",
    "bench_stages",
    "engine.bench_engine",
    "engine.bench_rules",
    "engine.bench_outage",
    "store.bench_commit",
    "store.bench_outbox",
    "bench_series",
    "bench_datasets",
)
RELOAD = ("engine.bench_reload", "bench_configuration")
LISTS = ("bench_lists", "bench_devices", "bench_page")
CONNECTORS = (
    "connectors.bench_snmp_poll",
    "connectors.bench_mqtt",
    "connectors.bench_netbox",
    "bench_inventory",
)
WHOLE = ("bench_traps", "connectors.bench_webhook_in", "bench_storm", "bench_mass_outage")


def main() -> None:
    """Run every benchmark in a process of its own, so that none inherits the heap of another."""
    named = {each for each in sys.argv[1:] if each.startswith("bench_")}
    options = [each for each in sys.argv[1:] if each not in named]
    for name in (*STEPS, *RELOAD, *CONNECTORS, *LISTS, *WHOLE):
        if named and name.rpartition(".")[2] not in named:
            continue
        print(f"\n== {name}", flush=True)
        arguments = options if name in WHOLE else []
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *arguments], check=True)


if __name__ == "__main__":
    main()
