"""`opsconductor db`: schema and pruning of the database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key
from opsconductor.errors import StoreRejected
from opsconductor.store.people.sealed import open_contact_methods
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.postgres.database import open_database, open_server
from opsconductor.store.retention.guard import OldRows, clock_fault, count_old, read_clocks, record_prune
from opsconductor.store.retention.old_rows import prune as prune_tables

Found = TypeVar("Found")
ENCRYPTED_SINCE = "0050"
"""Revision since which contact methods of people are encrypted."""


@click.group()
def db() -> None:
    """Upgrade and inspect the database, prune old rows.

    The daemon upgrades by itself when it starts.
    """


@db.command()
@click.argument("revision", default="head")
@click.pass_obj
def upgrade(config_file: Path | None, revision: str) -> None:
    """Upgrade the schema to REVISION, by default the newest; safe to run concurrently."""
    with errors_shown():
        before, after = _on_server(config_file, partial(migrate.upgrade, target=revision))
    click.echo(f"the database is at revision {after}" + _origin(before, after))


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def downgrade(config_file: Path | None, revision: str, *, yes: bool) -> None:
    """Downgrade the schema to REVISION; `base` leaves an empty database. Stop the daemon first.

    Data that the older schema cannot hold is lost. Contact methods of people are decrypted for it.
    """
    if not yes:
        click.confirm(f"Downgrade the schema to {revision} and lose the data it cannot hold?", abort=True)
    with errors_shown():
        before, after = _on_server(
            config_file, partial(_go_down, settings=load_settings(config_file), target=revision)
        )
    click.echo(f"the database is at revision {after}" + _origin(before, after))


@db.command()
@click.pass_obj
def current(config_file: Path | None) -> None:
    """Print only the revision of the database; `base` when it is empty."""
    with errors_shown():
        click.echo(_on_server(config_file, migrate.current_of) or "base")


@db.command()
@click.pass_obj
def history(config_file: Path | None) -> None:
    """List all revisions, oldest first; the current one is marked."""
    with errors_shown():
        number = _on_server(config_file, migrate.current_of)
    for revision in migrate.revisions():
        mark = "  <- the database is here" if revision.number == number else ""
        click.echo(f"{revision.number}  {revision.title}{mark}")


@db.command()
@click.option("--yes", is_flag=True, help="Delete the rows, and confirm that the clock is right.")
@click.pass_obj
def prune(config_file: Path | None, *, yes: bool) -> None:
    """Show what the retention settings would delete now; with --yes, delete it.

    The daemon does this every hour. It waits for `--yes` when the clock disagrees with the stored times, or
    when a first prune would delete more than a tenth of a table.

    \b
    Examples:
      opsconductor db prune
      opsconductor db prune --yes
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        asyncio.run(_prune(load_settings(config_file), is_confirmed=yes))


async def _go_down(url: str, *, settings: Settings, target: str) -> tuple[str | None, str]:
    """Downgrade; schemas before `ENCRYPTED_SINCE` hold contact methods as they are."""
    present = await migrate.current_of(url)
    if present is not None and target < ENCRYPTED_SINCE <= present:
        key = await asyncio.to_thread(find_key, settings.secrets, settings.data_dir)
        pool = await open_pool(url, 1)
        try:
            await open_contact_methods(pool, key)
        finally:
            await close_pool(pool)
    return await migrate.downgrade(url, target)


async def _prune(settings: Settings, *, is_confirmed: bool) -> None:
    now = datetime.now(UTC)
    async with open_database(settings) as pool:
        if fault := clock_fault(await read_clocks(pool, now, None)):
            raise StoreRejected(fault)
        click.echo(f"The clock says {now:%Y-%m-%d %H:%M} UTC. Older than the retention settings allow:")
        for each in await count_old(pool, settings.retention, now):
            click.echo(_old_rows(each))
        if not is_confirmed:
            click.echo("Nothing has been deleted. To delete these rows: opsconductor db prune --yes")
            return
        deleted = await prune_tables(pool, settings.retention, now)
        await record_prune(pool, settings.retention, now)
    gone = ", ".join(f"{table} {amount:,}" for table, amount in deleted.items() if amount)
    click.echo(
        f"Deleted (partitions of alert_history and raw_events, rows of the others): {gone or 'nothing'}"
    )


def _old_rows(each: OldRows) -> str:
    share = each.old / each.total if each.total else 0.0
    return f"  {each.table:<18} {each.old:>14,} of {each.total:>14,} rows ({share:.0%})"


def _on_server(config_file: Path | None, step: Callable[[str], Awaitable[Found]]) -> Found:
    """Call `step` with the URL of the database, starting the embedded one for its duration."""
    return asyncio.run(_run(load_settings(config_file), step))


async def _run(settings: Settings, step: Callable[[str], Awaitable[Found]]) -> Found:
    async with open_server(settings) as url:
        return await step(url)


def _origin(before: str | None, after: str) -> str:
    return ", unchanged" if (before or "base") == after else f", previously {before or 'base'}"
