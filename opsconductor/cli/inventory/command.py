"""`opsconductor inventory`: status of inventories, and what a sync would change."""

import asyncio
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from opsconductor.app.inventory_preview import Preview, preview_connector
from opsconductor.cli.alerts.text import console, now
from opsconductor.cli.inventory.decisions import accept, forget
from opsconductor.cli.inventory.text import preview_of, status_of
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.inventory.differences import differences
from opsconductor.store.inventory.status import InventoryStatus, read_inventory_status
from opsconductor.store.postgres.database import open_database


@click.group()
def inventory() -> None:
    """Show what inventory systems (NetBox) have found, and what the next sync would change."""


inventory.add_command(accept)
inventory.add_command(forget)


@inventory.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def status(config_file: Path | None, *, as_json: bool) -> None:
    """Show the latest sync of every connector, and devices and dependencies by origin."""
    with errors_shown():
        found = asyncio.run(_status(load_settings(config_file)))
    if as_json:
        echo_json(asdict(found))
    else:
        console().print(status_of(found, now()))


@inventory.command()
@click.argument("connector", required=False)
@click.option("--all", "is_all", is_flag=True, help="Show every difference, not only the first of each kind.")
@click.option("--json", "as_json", is_flag=True, help="Print all differences as JSON.")
@click.pass_obj
def preview(config_file: Path | None, connector: str | None, *, is_all: bool, as_json: bool) -> None:
    """Read an inventory once and show what that would change; nothing is written.

    CONNECTOR is the name of an inventory connector, enabled or not; it may be omitted if there is only one.

    \b
    Examples:
      opsconductor inventory preview
      opsconductor inventory preview netbox --json | jq '.differences[] | select(.turn == "-")'
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        settings = load_settings(config_file)
        with Console(stderr=True).status("reading the inventory ..."):
            found = asyncio.run(_preview(settings, connector))
    if as_json:
        echo_json(_document(found))
    else:
        console().print(preview_of(found.connector, found.plan, is_all=is_all))


async def _status(settings: Settings) -> InventoryStatus:
    async with open_database(settings) as pool:
        return await read_inventory_status(pool)


async def _preview(settings: Settings, connector: str | None) -> Preview:
    async with open_database(settings) as pool:
        return await preview_connector(pool, settings, connector)


def _document(found: Preview) -> dict[str, object]:
    return {
        "connector": found.connector,
        "devices": found.plan.sizes[0],
        "dependencies": found.plan.sizes[1],
        "changes": asdict(found.plan.changes),
        "conflicts": found.plan.conflicts,
        "waits": None if found.plan.large_loss is None else asdict(found.plan.large_loss),
        "unread": found.plan.unread,
        "remarks": found.plan.remarks,
        "differences": [asdict(each) for each in differences(found.plan)],
    }
