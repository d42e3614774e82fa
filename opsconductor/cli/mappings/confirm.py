"""`opsconductor mappings confirm`: make a derived mapping the operator's own."""

import asyncio
from pathlib import Path

import click

from opsconductor.app.configuring.loading import read_facts
from opsconductor.app.mappings.listing import Document, confirm_mapping, derived_at, document_of
from opsconductor.cli.terminal.outcome import CHANGED, actor, echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.provision.export import dump
from opsconductor.config.settings import Settings
from opsconductor.store.access.audit import Author
from opsconductor.store.postgres.database import open_database


@click.command()
@click.argument("notification")
@click.option("--dry-run", is_flag=True, help="Print the mapping, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the mapping as JSON.")
@click.pass_obj
def confirm(config_file: Path | None, notification: str, *, dry_run: bool, as_json: bool) -> None:
    """Make what is derived from NOTIFICATION, an OID or a name, a mapping of your own.

    It is printed as a file declares it: copy it into a file of yours to change it. From then on it is as you
    have confirmed it, whatever a new version or another import would derive.

    \b
    Examples:
      opsconductor mappings confirm ACME-FAN-MIB::acmeFanAlarm
      opsconductor mappings confirm --dry-run 1.3.6.1.4.1.99999.0.7 > acme.yaml
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        document = asyncio.run(_confirm(load_settings(config_file), notification, is_dry_run=dry_run))
    if as_json:
        echo_json(document)
    else:
        click.echo(dump({"oid_mappings": [document]}), nl=False)
    if not dry_run:
        click.echo(CHANGED, err=True)


async def _confirm(settings: Settings, notification: str, *, is_dry_run: bool) -> Document:
    async with open_database(settings) as pool:
        facts = await read_facts(pool, settings.data_dir)
        if is_dry_run:
            return document_of(derived_at(facts, notification), facts)
        return await confirm_mapping(pool, facts, notification, Author(name=actor()))
