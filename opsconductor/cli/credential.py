"""`opsconductor credential`: store, list and remove the secrets in the vault."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from opsconductor.cli.outcome import CHANGED, actor, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key
from opsconductor.store.access.credentials import (
    Credential,
    delete_credential,
    list_credentials,
    open_vault,
    write_credential,
)
from opsconductor.store.postgres.database import open_database


@click.group()
def credential() -> None:
    """Keep secrets encrypted in the database; configuration refers to them as vault:NAME."""


@credential.command("set")
@click.argument("name")
@click.option(
    "--from-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take the secret from this file.",
)
@click.pass_obj
def set_credential(config_file: Path | None, name: str, from_file: Path | None) -> None:
    """Store a secret under NAME, replacing an existing one.

    It is prompted for on a terminal and read from standard input otherwise; a trailing line break is
    removed.

    \b
    Examples:
      opsconductor credential set smtp-password
      opsconductor credential set zabbix-token --from-file token.txt
    """  # noqa: D301 - click wants the character itself
    with errors_shown():
        settings = load_settings(config_file)
        asyncio.run(_set(settings, name, _secret(from_file)))
    click.echo(f"stored; refer to it as vault:{name}")
    click.echo(CHANGED)


@credential.command("list")
@click.pass_obj
def list_names(config_file: Path | None) -> None:
    """List the names in the vault, never the secrets."""
    with errors_shown():
        entries = asyncio.run(_list(load_settings(config_file)))
    table = Table("name", "stored by", "last changed", box=None, pad_edge=False)
    for entry in entries:
        changed = entry.updated_at.astimezone().isoformat(sep=" ", timespec="seconds")
        table.add_row(entry.name, entry.created_by or "", changed)
    Console(highlight=False, markup=False, soft_wrap=True).print(table)


@credential.command("delete")
@click.argument("name")
@click.pass_obj
def delete(config_file: Path | None, name: str) -> None:
    """Remove NAME from the vault."""
    with errors_shown():
        was_there = asyncio.run(_delete(load_settings(config_file), name))
    if not was_there:
        raise click.ClickException(f"the vault has no secret named {name}")
    click.echo("deleted")
    click.echo(CHANGED)


def _secret(from_file: Path | None) -> str:
    if from_file is not None:
        text = from_file.read_text(encoding="utf-8")
    elif sys.stdin.isatty():
        text = str(click.prompt("Secret", hide_input=True, confirmation_prompt=True))
    else:
        text = sys.stdin.read()
    return text.removesuffix("\n").removesuffix("\r")


async def _set(settings: Settings, name: str, secret: str) -> None:
    async with open_database(settings) as pool:
        vault = await open_vault(pool, find_key(settings.secrets, settings.data_dir))
        await write_credential(pool, name, vault.seal(name, secret), actor=actor())


async def _list(settings: Settings) -> Sequence[Credential]:
    async with open_database(settings) as pool:
        return await list_credentials(pool)


async def _delete(settings: Settings, name: str) -> bool:
    async with open_database(settings) as pool:
        return await delete_credential(pool, name, actor=actor())
