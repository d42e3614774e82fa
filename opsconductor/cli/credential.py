"""`opsconductor credential`: store, list and remove the secrets in the vault."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from opsconductor.cli.terminal.api_client import target_options
from opsconductor.cli.terminal.outcome import actor, errors_shown
from opsconductor.cli.terminal.reach import LOCAL_ONLY, ask
from opsconductor.cli.vaults import LocalVault, RemoteVault, open_vaults
from opsconductor.config.key_change import make_key, stage_key, staged_key, use_staged_key
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key, is_key_given, parse_key
from opsconductor.errors import SecretError
from opsconductor.model.text import printable
from opsconductor.store.access.rotation import is_key_of, rotate_key
from opsconductor.store.postgres.daemon_lock import sole_daemon
from opsconductor.store.postgres.database import open_database

OpenVaults = Callable[[], AbstractAsyncContextManager[LocalVault | RemoteVault]]


@click.group()
@target_options
@click.pass_context
def credential(context: click.Context, /, url: str | None, token: str | None) -> None:
    """Keep secrets encrypted in the database; configuration refers to them as vault:NAME.

    With --server, --token or --key-file the daemon's API is asked, with the rights of that key: it uses at
    once what is changed, and shows no secret. Otherwise the database of this host is used, which needs
    neither a daemon nor a key.
    """
    config_file: Path | None = context.obj
    context.obj = partial(open_vaults, config_file, url, token)


@credential.command("set")
@click.argument("name")
@click.option(
    "--from-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take the secret from this file.",
)
@click.pass_obj
def set_credential(opened: OpenVaults, name: str, from_file: Path | None) -> None:
    """Store a secret under NAME, replacing an existing one.

    It is prompted for on a terminal and read from standard input otherwise; a trailing line break is
    removed.

    \b
    Examples:
      opsconductor credential set smtp-password
      opsconductor credential set zabbix-token --from-file token.txt
    """  # noqa: D301 - click needs the character itself
    secret = _secret(from_file)
    said = ask(opened, lambda vault: vault.store(name, secret))
    click.echo(f"stored; refer to it as vault:{name}")
    _say(said)


@credential.command("list")
@click.pass_obj
def list_names(opened: OpenVaults) -> None:
    """List the names in the vault, never the secrets."""
    entries = ask(opened, lambda vault: vault.entries())
    table = Table("name", "stored by", "last changed", box=None, pad_edge=False)
    for entry in entries:
        at = datetime.fromisoformat(entry["updated_at"]).astimezone()
        changed = at.isoformat(sep=" ", timespec="seconds")
        table.add_row(printable(entry["name"]), printable(entry["created_by"] or ""), changed)
    Console(highlight=False, markup=False, soft_wrap=True).print(table)


@credential.command("delete")
@click.argument("name")
@click.pass_obj
def delete(opened: OpenVaults, name: str) -> None:
    """Remove NAME from the vault."""
    said = ask(opened, lambda vault: vault.delete(name))
    click.echo("deleted")
    _say(said)


@credential.command("rotate")
@click.option(
    "--new-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take the new key from this file: 32 bytes as base64 or hexadecimal. Default: a random one.",
)
@click.pass_obj
def rotate(opened: "partial[object]", new_key: Path | None) -> None:
    """Encrypt all secrets with a new key; stop the daemon before.

    If the key is configured or a systemd credential, give the new one with --new-key, then configure it.
    Otherwise the file secrets.key of the data directory is replaced; the former one is kept as
    secrets.key.old, because old backups need it.
    """
    config_file, url, token = opened.args
    if url is not None or token is not None:
        raise click.ClickException(LOCAL_ONLY)
    with errors_shown():
        settings = load_settings(config_file)
        click.echo(asyncio.run(_rotate(settings, new_key)))


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(printable(line))


def _secret(from_file: Path | None) -> str:
    if from_file is not None:
        text = from_file.read_text(encoding="utf-8")
    elif sys.stdin.isatty():
        text = str(click.prompt("Secret", hide_input=True, confirmation_prompt=True))
    else:
        text = sys.stdin.read()
    return text.removesuffix("\n").removesuffix("\r")


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
        amounts = (
            f"{done.credentials} secrets, {done.second_factors} second factors and the contact methods of "
            f"{done.people} people have a new key"
        )
        if is_given:
            return f"{amounts}; configure the one of {file} before the daemon starts"
        return f"{amounts}; the former one is {use_staged_key(data_dir)}: old backups need it"


def _key_in(file: Path) -> bytes:
    return parse_key(file.read_text("ascii", "replace"), str(file))
