"""`opsconductor export`: write the database's configuration as a provisioning file."""

import asyncio
from pathlib import Path

import click

from opsconductor.app.connectors.types import installed_types
from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.export import export as as_text
from opsconductor.config.settings import Settings
from opsconductor.store.declared.provisioning import read_provisioned
from opsconductor.store.people.sealed import seal_of
from opsconductor.store.postgres.database import open_database


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="The file; default: standard output.",
)
@click.pass_obj
def export(config_file: Path | None, output: Path | None) -> None:
    """Write connectors, mappings, devices, dependencies and rules in the format that `apply` reads.

    Secrets remain references; applying the file to the same database changes nothing. What inventories have
    found is left out, because their next sync brings it again.

    \b
    Examples:
      opsconductor export --output everything.yaml
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        present = asyncio.run(_read(load_settings(config_file)))
    text, variables = as_text(present, installed_types())
    with click.open_file(str(output or "-"), "w", encoding="utf-8") as file:
        file.write(text)
    for name in variables:
        click.echo(f"a secret was left out: set the environment variable {name} for the daemon", err=True)


async def _read(settings: Settings) -> list[Present]:
    async with open_database(settings) as pool:
        return await read_provisioned(pool, seal_of(settings))
