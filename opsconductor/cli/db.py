"""`opsconductor db`: bring the database's schema forward and back, and see where it is."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from opsconductor.cli.outcome import told
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.store import migrate
from opsconductor.store.database import open_server

Found = TypeVar("Found")


@click.group()
def db() -> None:
    """Upgrade, downgrade and inspect the schema of the database.

    The daemon upgrades by itself when it starts.
    """


@db.command()
@click.argument("revision", default="head")
@click.pass_obj
def upgrade(config_file: Path | None, revision: str) -> None:
    """Bring the schema forward to REVISION, by default the newest; safe while others do the same."""
    with told():
        before, after = _on_server(config_file, partial(migrate.upgrade, target=revision))
    click.echo(f"the database is at revision {after}" + _origin(before, after))


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def downgrade(config_file: Path | None, revision: str, *, yes: bool) -> None:
    """Take the schema back to REVISION; `base` leaves an empty database. Stop the daemon before.

    What the older schema has no place for is lost.
    """
    if not yes:
        click.confirm(f"Take the schema back to {revision} and lose what it has no place for?", abort=True)
    with told():
        before, after = _on_server(config_file, partial(migrate.downgrade, target=revision))
    click.echo(f"the database is at revision {after}" + _origin(before, after))


@db.command()
@click.pass_obj
def current(config_file: Path | None) -> None:
    """Print the revision of the database, alone; `base` when it is empty."""
    with told():
        click.echo(_on_server(config_file, migrate.current_of) or "base")


@db.command()
@click.pass_obj
def history(config_file: Path | None) -> None:
    """List all revisions, oldest first; the database's own is marked."""
    with told():
        number = _on_server(config_file, migrate.current_of)
    for revision in migrate.revisions():
        mark = "  <- the database is here" if revision.number == number else ""
        click.echo(f"{revision.number}  {revision.title}{mark}")


def _on_server(config_file: Path | None, step: Callable[[str], Awaitable[Found]]) -> Found:
    """Run a step against the URL of the database, which runs meanwhile."""
    return asyncio.run(_run(load_settings(config_file), step))


async def _run(settings: Settings, step: Callable[[str], Awaitable[Found]]) -> Found:
    async with open_server(settings) as url:
        return await step(url)


def _origin(before: str | None, after: str) -> str:
    return ", as it was" if (before or "base") == after else f", before it was at {before or 'base'}"
