"""`opsconductor restore`: a backup back into place."""

import asyncio
from pathlib import Path

import click
from rich.console import Console

from opsconductor.cli.backup import rows_text
from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.vault import KEY_FILE
from opsconductor.store.backups.restore import RestoreOrder, restore_backup


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Replace a database that holds data, and another vault key.")
@click.option(
    "--to",
    "until",
    metavar="TIME",
    default="",
    help="Recover to this moment, such as 2026-11-29T14:05:00+01:00, or `latest`, with the WAL of "
    "backup.wal_archive.",
)
@click.pass_obj
def restore(config_file: Path | None, file: Path, until: str, *, replace: bool) -> None:
    """Restore the backup FILE; stop the daemon first.

    Everything is checked before anything is changed. If it fails, the database is unchanged. A backup of an
    older version is upgraded to the current schema, one of a newer version is refused.

    \b
    Examples:
      opsconductor restore opsconductor-20261128-023000.backup
      opsconductor restore opsconductor-20261128-023000.backup --replace --to 2026-11-28T14:05:00+01:00
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        settings = load_settings(config_file)
        order = RestoreOrder(file=file, replace=replace, until=until)
        with Console(stderr=True).status(f"restoring {file} ..."):
            restored = asyncio.run(restore_backup(settings, order))
    made_at = restored.manifest.made_at
    click.echo(f"Restored the backup of {made_at:%Y-%m-%d %H:%M:%S} UTC: {rows_text(restored.rows)}")
    click.echo(f"{restored.files} files in {settings.data_dir}")
    if restored.aside is not None:
        click.echo(f"The former database is kept in {restored.aside}: delete it when all is well.")
    if restored.key_differs:
        click.echo(
            f"Warning: the vault's key here is not the one of the backup, its secrets cannot be read: "
            f"put the right {KEY_FILE} into {settings.data_dir}."
        )
