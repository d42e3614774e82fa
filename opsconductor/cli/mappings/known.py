"""What is in force: facts, packs and the rows of the database, as far as they can be read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from opsconductor.app.configuring.loading import read_facts
from opsconductor.cli.facts import index_dir, known_facts
from opsconductor.config.load import load_settings
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.settings import Settings
from opsconductor.errors import StoreError
from opsconductor.mib.lookup import MibFacts
from opsconductor.store.declared.provisioning import read_table
from opsconductor.store.postgres.database import open_database
from opsconductor.store.postgres.embedded import CLUSTER


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMappings:
    """What a command knows of mappings and MIBs.

    Attributes:
        facts: Of the catalogue, and of imported modules if the database could be read.
        rows: Mappings of the database; None: it could not be read.
        without: Why the database could not be read.
    """

    facts: MibFacts
    rows: Sequence[Present] | None
    without: str = ""


def read_known(config_file: Path | None, *, is_offline: bool) -> KnownMappings:
    """Read what is in force; without a database only what ships."""
    settings = load_settings(config_file)
    why = "--offline" if is_offline else absent(settings)
    if not why:
        try:
            return asyncio.run(_read(settings, index_dir(config_file)))
        except StoreError as error:
            why = str(error)
    return KnownMappings(facts=known_facts(config_file), rows=None, without=why)


def absent(settings: Settings) -> str:
    """Return why there is no database to read; empty: there is one."""
    if settings.database.url is None and not (settings.data_dir / CLUSTER).exists():
        return f"there is none in {settings.data_dir} yet"
    return ""


async def _read(settings: Settings, index: Path) -> KnownMappings:
    async with open_database(settings) as pool:
        facts = await read_facts(pool, index)
        rows = await read_table(pool, ProvisionTable.OID_MAPPINGS)
        return KnownMappings(facts=facts, rows=rows)
