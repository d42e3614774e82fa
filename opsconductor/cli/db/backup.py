"""`opsconductor db dump` and `restore`: the whole database as one file."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from opsconductor.cli.outcome import errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.config.vault import KEY_FILE
from opsconductor.store.postgres import backup
from opsconductor.store.postgres.database import open_server

MIB = 1024**2


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.pass_obj
def dump(config_file: Path | None, file: Path | None, *, force: bool) -> None:
    """Write the whole database to FILE; the daemon may be running.

    Without FILE the name is opsconductor-DATE.dump in the current directory. The dump does not contain the
    vault's key: store secrets.key of the data directory separately.

    \b
    Examples:
      opsconductor db dump
      opsconductor db dump /backup/opsconductor.dump --force
    """  # noqa: D301 - click wants the character itself
    target = file or Path(f"opsconductor-{datetime.now(UTC):%Y%m%d-%H%M%S}.dump")
    if target.exists() and not force:
        raise click.ClickException(f"{target} already exists: choose another name or use --force")
    with errors_shown():
        settings = load_settings(config_file)
        with Console(stderr=True).status(f"dumping the database into {target} ..."):
            rows = asyncio.run(_dump(settings, target))
    click.echo(f"{target}: {target.stat().st_size / MIB:,.1f} MiB, {_text(rows)}")
    key = settings.data_dir / KEY_FILE
    if key.exists():
        click.echo(f"Keep {key} as well: without it the secrets in the dump cannot be read.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Replace a database that holds alerts; they are lost.")
@click.pass_obj
def restore(config_file: Path | None, file: Path, *, replace: bool) -> None:
    """Restore the database from FILE; stop the daemon first.

    If it fails, the database is unchanged. A dump of an older version is upgraded to the current schema.
    To change to a new PostgreSQL version, dump with the old one and restore with the new one.

    \b
    Examples:
      opsconductor db restore opsconductor-20261128-120000.dump
      opsconductor db restore /backup/opsconductor.dump --replace
    """  # noqa: D301 - click wants the character itself
    with errors_shown():
        settings = load_settings(config_file)
        with Console(stderr=True).status(f"restoring the database from {file} ..."):
            rows = asyncio.run(_restore(settings, file, replace=replace))
    click.echo(f"Restored: {_text(rows)}")


async def _dump(settings: Settings, file: Path) -> Mapping[str, int]:
    async with open_server(settings) as url:
        return await backup.dump(url, file)


async def _restore(settings: Settings, file: Path, *, replace: bool) -> Mapping[str, int]:
    async with open_server(settings) as url:
        return await backup.restore(url, file, replace=replace)


def _text(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{amount:,} {table}" for table, amount in rows.items())
