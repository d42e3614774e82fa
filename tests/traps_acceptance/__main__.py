"""Print the figures of the traps in `cases/`: `python -m tests.traps_acceptance [--misses] [--all]`."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from opsconductor.app.configuring.loading import read_configuration
from opsconductor.config.settings import Settings
from opsconductor.store.postgres.database import open_database
from tests.traps_acceptance.figures import by_vendor, figures_of, line_of
from tests.traps_acceptance.play import Outcome, play_all


def main() -> None:
    """Play all cases with the configuration of a fresh daemon."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list what misses each target")
    parser.add_argument("--all", action="store_true", help="list every trap with what it becomes")
    parser.add_argument("--recorded", action="store_true", help="only traps that somebody received")
    wanted = parser.parse_args()
    outcomes = [each for each in asyncio.run(play()) if each.is_recorded or not wanted.recorded]
    if wanted.all:
        print(*map(line_of, outcomes), sep="\n")
    recorded = sum(each.is_recorded for each in outcomes)
    named, varbinds = sum(each.named_varbinds for each in outcomes), sum(each.varbinds for each in outcomes)
    print(f"{len(outcomes)} traps of {len(by_vendor(outcomes))} vendors, {recorded} of them recorded")
    print(f"{100 * named / varbinds:.0f} % of {varbinds} variables have a name")
    for figure in figures_of(outcomes):
        limit = f"at least {figure.target:g}" if figure.is_least else f"under {figure.target:g}"
        state = "met" if figure.is_met else "MISSED"
        print(f"{figure.share:6.1f} %  {state:6}  {figure.name} ({limit}, of {figure.looked_at})")
        if wanted.misses:
            print(*(f"          {line}" for line in figure.misses), sep="\n")


async def play() -> list[Outcome]:
    """Play all cases as a fresh daemon would: what ships, and nothing configured."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-traps-") as folder:
        settings = Settings(data_dir=Path(folder))
        async with open_database(settings, upgrade=True) as pool:
            configuration = await read_configuration(pool, data_dir=settings.data_dir)
        return list(play_all(configuration, settings.data_dir))


if __name__ == "__main__":
    main()
