"""`opsconductor backup`: the database and the files of the data directory as one file."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.config.vault import KEY_FILE
from opsconductor.store.backups.folder import name_of
from opsconductor.store.backups.make import BackupPlan, make_backup
from opsconductor.store.backups.manifest import BackupManifest
from opsconductor.store.postgres.database import check_chosen, open_server

MIB = 1024**2


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--method", type=click.Choice(["dump", "base"]), help="pg_dump or pg_basebackup; default: backup.method."
)
@click.option("--with-key", is_flag=True, help="Include the vault's key; default: backup.include_key.")
@click.pass_obj
def backup(config_file: Path | None, folder: Path | None, method: str | None, *, with_key: bool) -> None:
    """Write a backup into FOLDER; the daemon may be running.

    The file has the database, the files of the data directory (uploads, artifacts, models) and a manifest
    with versions and checksums. Default of FOLDER: `backup.folder`, else the current directory.

    \b
    Examples:
      opsconductor backup
      opsconductor backup /mnt/backup --with-key
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        settings = load_settings(config_file)
        plan = BackupPlan(
            target=(folder or settings.backup.folder or Path()) / name_of(datetime.now(UTC)),
            method=method or settings.backup.method,
            with_key=with_key or settings.backup.include_key,
        )
        with Console(stderr=True).status(f"writing {plan.target} ..."):
            manifest = asyncio.run(_back_up(settings, plan))
    size = plan.target.stat().st_size / MIB
    amount = len(manifest.entries) - 1
    click.echo(f"{plan.target}: {size:,.1f} MiB, {amount} files, {rows_text(manifest.rows)}")
    key = settings.data_dir / KEY_FILE
    if manifest.has_key:
        click.echo("The vault's key is in it: who reads this file can read every secret. Keep it safe.")
    elif key.exists():
        click.echo(f"Keep {key} as well: without it the secrets in the backup cannot be read.")


async def _back_up(settings: Settings, plan: BackupPlan) -> BackupManifest:
    check_chosen(settings)
    async with open_server(settings) as url:
        return await make_backup(settings, url, plan)


def rows_text(rows: Mapping[str, int]) -> str:
    """Return the numbers of rows as text."""
    return ", ".join(f"{amount:,} {table}" for table, amount in rows.items())
