"""`opsconductor token`: API keys for programs and browsers."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from opsconductor.cli.accounts.choice import OpenAccounts, open_accounts
from opsconductor.cli.accounts.text import keys_table, local_time
from opsconductor.cli.alerts.text import console
from opsconductor.cli.terminal.api_client import target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.cli.terminal.reach import ask
from opsconductor.cli.terminal.row_filter import rows_of, with_rows
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.store.access.permissions import PERMISSIONS

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
@target_options
@click.pass_context
def token(context: click.Context, /, url: str | None, token: str | None) -> None:
    """Create, list and revoke API keys; the operators' page accepts them too.

    With --server, --token or --key-file the daemon's API is asked, with the rights of that key. Otherwise the
    database of this host is used, which needs neither a daemon nor a key: this is how the first key is made.

    \b
    Examples:
      opsconductor token create --role viewer --name wallboard
      opsconductor token list --server https://ops.example.net --key-file ~/.ops-key
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(open_accounts, config_file, url, token)


@token.command()
@click.option("--role", "roles", multiple=True, help="What the key permits; see `users roles`.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(PERMISSIONS), help="A single permission.")
@click.option("--name", required=True, help="User or program; recorded in the history of alerts.")
@click.option("--expires", type=Lifetime(), help="Lifetime, such as 90d; default: unlimited.")
@click.option("--quota", type=click.IntRange(1), help="Requests a minute; default: unlimited.")
@with_rows
@click.pass_obj
def create(
    opened: OpenAccounts,
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
    """  # noqa: D301 - click needs the character itself
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise click.BadParameter(f"expected at most {LONGEST_NAME} printable characters", param_hint="--name")
    if not any(given.values()):
        raise click.UsageError("what may the key do? Give --role or --scope")
    expires_at = None if expires is None else (datetime.now(UTC) + expires).isoformat()
    new = {
        "name": name,
        **given,
        "expires_at": expires_at,
        "quota_per_minute": quota,
        "row_filter": rows_of(only).document() or {},
    }
    key = ask(opened, lambda accounts: accounts.add_key(new))
    until = "never expires" if expires_at is None else f"expires {local_time(expires_at)}"
    may = ", ".join((*given["roles"], *given["scopes"]))
    click.echo(f"key {name!r} ({may}), {until}; it is not stored and not shown again:")
    click.echo(key)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_all(opened: OpenAccounts, *, as_json: bool) -> None:
    """List keys by name and public prefix; the keys themselves are not stored."""
    keys = ask(opened, lambda accounts: accounts.keys())
    if as_json:
        echo_json(keys)
    else:
        console().print(keys_table(keys))


@token.command()
@click.argument("name")
@click.pass_obj
def revoke(opened: OpenAccounts, name: str) -> None:
    """Revoke a key and every session that was opened with it, at once."""
    ask(opened, lambda accounts: accounts.revoke_key(name))
    click.echo("revoked")
