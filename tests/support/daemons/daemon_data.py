"""Files that daemons of tests find in their data directories at the first start."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from opsconductor.config.provision.packs import BUILT, read_packs
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.mib.built import AT_SETUP
from opsconductor.store.alerts.overview import record_days
from opsconductor.store.postgres.database import open_database

ROOT = Path(__file__).resolve().parents[3]


async def make_cluster(folder: Path) -> Path:
    """Make an embedded PostgreSQL as a daemon's first start does, with its schema, and stop it.

    Returns:
        Its folder.
    """
    async with open_database(Settings(data_dir=folder / "var"), upgrade=True) as pool:
        await record_days(pool, datetime.now(UTC))
    return cluster_of(folder)


def cluster_of(folder: Path) -> Path:
    """Return where `make_cluster` has made a cluster."""
    return folder / "var" / "postgres"


async def count_days(url: str) -> None:
    """Store the sums of the last days, as a daemon does at its first start: that takes 0.1 s."""
    async with open_database(Settings(database=DatabaseSettings(url=SecretStr(url))), upgrade=True) as pool:
        await record_days(pool, datetime.now(UTC))


@cache
def built_packs() -> Path:
    """Return the file that is built of the mapping packs that ship, which takes a daemon 0.2 s."""
    folder = ROOT / AT_SETUP
    folder.mkdir(exist_ok=True)
    read_packs(ROOT / "mibs" / "packs", folder)
    return folder / BUILT
