"""`opsconductor mappings list`: own mappings, packs, derived ones and suggestions."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.app.configuring.loading import Configuration, read_by_settings
from opsconductor.cli.alerts.text import console
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.mib.listing import ListedMapping, ListedOrigin, WantedMappings, list_mappings
from opsconductor.model.text import printable
from opsconductor.store.postgres.database import open_database

MOST = 50
COLUMNS = ("origin", "confidence", "notification", "oid", "alert type", "severity", "resource")


@click.command(name="list")
@click.argument("text", default="")
@click.option(
    "--origin",
    "origins",
    type=click.Choice([each.value for each in ListedOrigin]),
    multiple=True,
    help="Only mappings of this origin; may be given several times.",
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=MOST, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, with the reasons of derived ones.")
@click.pass_obj
def list_(
    config_file: Path | None, text: str, origins: tuple[str, ...], limit: int, *, as_json: bool
) -> None:
    """List mappings whose notification, alert type or vendor contains TEXT, or that are below an OID.

    The operator's own come first, then those of packs and generic ones, then those derived from MIBs with
    their confidence. A suggestion is derived too, but not in force: until someone confirms it, the trap is
    shown as unmapped.

    \b
    Examples:
      opsconductor mappings list fan
      opsconductor mappings list --origin suggestion ACME-FAN-MIB
      opsconductor mappings list 1.3.6.1.4.1.318 --json | jq -r '.mappings[].reasons[]'
    """  # noqa: D301 - click needs the character itself
    wanted = WantedMappings(text=text, origins=frozenset(map(ListedOrigin, origins)), most=limit)
    with errors_shown():
        present = asyncio.run(_read(load_settings(config_file)))
    found, total = list_mappings(present.mappings.mappings, present.facts, wanted)
    if as_json:
        echo_json({"total": total, "mappings": [asdict(each) for each in found]})
    else:
        console().print(_laid_out(found, total))


async def _read(settings: Settings) -> Configuration:
    async with open_database(settings) as pool:
        return await read_by_settings(pool, settings)


def _laid_out(found: Sequence[ListedMapping], total: int) -> RenderableType:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for name in COLUMNS:
        table.add_column(name, no_wrap=name in ("origin", "oid"))
    for each in found:
        confidence = "" if each.confidence is None else f"{each.confidence:.2f}"
        name = "::".join(filter(None, (each.module, each.name)))
        shown = (each.origin, confidence, name, each.oid, each.alert_type, each.severity, each.resource)
        table.add_row(*map(printable, shown))
    shown_of = f"{len(found):,} of {total:,} mappings" if len(found) < total else f"{total:,} mappings"
    return Group(table, Text(shown_of, "bright_black"))
