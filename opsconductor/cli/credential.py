"""`opsconductor credential`: store, list and remove the secrets in the vault."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from opsconductor.cli.terminal.outcome import CHANGED, actor, errors_shown
from opsconductor.config.key_change import make_key, stage_key, staged_key, use_staged_key
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key, is_key_given, parse_key
from opsconductor.errors import SecretError
from opsconductor.store.access.credentials import (
    Credential,
    delete_credential,
    list_credentials,
    open_vault,
    write_credential,
)
from opsconductor.store.access.rotation import is_key_of, rotate_key
from opsconductor.store.postgres.daemon_lock import sole_daemon
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


@credential.command("rotate")
@click.option(
    "--new-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take the new key from this file: 32 bytes as base64 or hexadecimal. Default: a random one.",
)
@click.pass_obj
def rotate(config_file: Path | None, new_key: Path | None) -> None:
    """Encrypt all secrets with a new key; stop the daemon before.

    A key that is configured, or a credential of systemd, is replaced by you, with what --new-key names; else
    the file secrets.key of the data directory is replaced, and the former one kept as secrets.key.old: old
    backups need it.
    """
    with errors_shown():
        settings = load_settings(config_file)
        click.echo(asyncio.run(_rotate(settings, new_key)))


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


async def _rotate(settings: Settings, file: Path | None) -> str:
    old, data_dir = find_key(settings.secrets, settings.data_dir), settings.data_dir
    new = make_key() if file is None else await asyncio.to_thread(_key_in, file)
    is_given = is_key_given(settings.secrets)
    if is_given and file is None:
        raise SecretError("the key is configured: write a new one to a file, and name it with --new-key")
    async with open_database(settings) as pool, sole_daemon(pool, begins_epoch=False):
        left = None if is_given else staged_key(data_dir)
        if left is not None and await is_key_of(pool, left):
            return (
                f"the change that was interrupted is complete; the former key is {use_staged_key(data_dir)}"
            )
        if not is_given:
            stage_key(data_dir, new)
        done = await rotate_key(pool, old, new, actor=actor())
        amounts = f"{done.credentials} secrets and {done.second_factors} second factors have a new key"
        if is_given:
            return f"{amounts}; configure the one of {file} before the daemon starts"
        return f"{amounts}; the former one is {use_staged_key(data_dir)}: old backups need it"


def _key_in(file: Path) -> bytes:
    return parse_key(file.read_text("ascii", "replace"), str(file))


async def _delete(settings: Settings, name: str) -> bool:
    async with open_database(settings) as pool:
        return await delete_credential(pool, name, actor=actor())
