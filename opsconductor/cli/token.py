"""`opsconductor token`: API keys for programs and browsers."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import console
from opsconductor.cli.terminal.outcome import actor, echo_json, errors_shown
from opsconductor.cli.terminal.row_filter import rows_of, rows_text, with_rows
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.model.row_filter import row_filter_of
from opsconductor.model.text import printable
from opsconductor.store.access.audit import Author
from opsconductor.store.access.keys import ApiKey, NewKey, add_key, list_keys, revoke_key
from opsconductor.store.access.permissions import PERMISSIONS
from opsconductor.store.postgres.database import open_database

LONGEST_NAME = 100


class Lifetime(click.ParamType[timedelta]):
    """Duration on the command line: `90d`, `12h`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration; fail with the expected format."""
        try:
            length = parse_duration(value)
        except ValueError as error:
            self.fail(f"{value!r} is not {error}", param, ctx)
        if not length:
            self.fail("the lifetime must be positive", param, ctx)
        return length


@click.group()
def token() -> None:
    """Create, list and revoke API keys; the operators' page accepts them too."""


@token.command()
@click.option("--role", "roles", multiple=True, help="What the key permits; see `users roles`.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(PERMISSIONS), help="A single permission.")
@click.option("--name", required=True, help="User or program; recorded in the history of alerts.")
@click.option("--expires", type=Lifetime(), help="Lifetime, such as 90d; default: unlimited.")
@click.option("--quota", type=click.IntRange(1), help="Requests a minute; default: unlimited.")
@with_rows
@click.pass_obj
def create(
    config_file: Path | None,
    /,
    name: str,
    expires: timedelta | None,
    quota: int | None,
    only: tuple[str, ...],
    **given: tuple[str, ...],
) -> None:
    """Create a key and print it on the last line. It is shown only once.

    \b
    Examples:
      opsconductor token create --role operator --name alice
      opsconductor token create --scope alerts:read --name grafana --quota 60
      key=$(opsconductor token create --role reporter --name backup --expires 90d | tail -n 1)
    """  # noqa: D301 - click wants the character itself
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise click.BadParameter(f"expected at most {LONGEST_NAME} printable characters", param_hint="--name")
    if not any(given.values()):
        raise click.UsageError("what may the key do? Give --role or --scope")
    expires_at = None if expires is None else datetime.now(UTC) + expires
    new = NewKey(name=name, expires_at=expires_at, quota_per_minute=quota, rows=rows_of(only), **given)
    with errors_shown():
        key = asyncio.run(_create(load_settings(config_file), new))
    until = "never expires" if expires_at is None else f"expires {_local(expires_at)}"
    may = ", ".join((*new.roles, *new.scopes))
    click.echo(f"key {name!r} ({may}), {until}; it is not stored and not shown again:")
    click.echo(key)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_all(config_file: Path | None, *, as_json: bool) -> None:
    """List keys by name and public prefix; the keys themselves are not stored."""
    with errors_shown():
        keys = asyncio.run(_list(load_settings(config_file)))
    if as_json:
        echo_json([asdict(key) for key in keys])
        return
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in ("name", "prefix", "may", "only", "quota", "made", "last used", "expires"):
        table.add_column(heading, no_wrap=True)
    for key in keys:
        table.add_row(
            Text(printable(key.name)),
            f"ops_{key.prefix}",
            ", ".join((*key.roles, *key.scopes)),
            Text(rows_text(row_filter_of(key.row_filter))),
            f"{key.quota_per_minute} a minute" if key.quota_per_minute else "",
            _local(key.created_at),
            _local(key.last_used_at),
            _local(key.expires_at),
        )
    console().print(table)


@token.command()
@click.argument("name")
@click.pass_obj
def revoke(config_file: Path | None, name: str) -> None:
    """Revoke a key and every session that was opened with it, at once."""
    with errors_shown():
        was_there = asyncio.run(_revoke(load_settings(config_file), name))
    if not was_there:
        raise click.ClickException(f"there is no key named {name!r}")
    click.echo("revoked")


def _local(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"


async def _create(settings: Settings, new: NewKey) -> str:
    async with open_database(settings) as pool:
        return await add_key(pool, new, Author(name=actor()))


async def _list(settings: Settings) -> Sequence[ApiKey]:
    async with open_database(settings) as pool:
        return await list_keys(pool)


async def _revoke(settings: Settings, name: str) -> bool:
    async with open_database(settings) as pool:
        return await revoke_key(pool, name, Author(name=actor()))
