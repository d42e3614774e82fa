"""`opsconductor users`: people who sign in with a password."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import console
from opsconductor.cli.terminal.outcome import actor, echo_json, errors_shown
from opsconductor.cli.terminal.page_address import page_of
from opsconductor.cli.terminal.row_filter import rows_of, rows_text, with_rows
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.model.text import printable
from opsconductor.store.access.audit import Author
from opsconductor.store.access.password_links import create_link
from opsconductor.store.access.passwords import hash_password, why_weak
from opsconductor.store.access.roles import list_roles, require_second_factor
from opsconductor.store.access.second_factor import reset_second_factors
from opsconductor.store.access.users import (
    USERNAME,
    User,
    UserFields,
    change_user,
    create_user,
    find_user,
    hand_over,
    list_users,
)
from opsconductor.store.postgres.database import open_database

Found = TypeVar("Found")

with_roles = click.option(
    "--role", "roles", multiple=True, help="As `users roles` lists them; repeat for several."
)
with_link = click.option("--link", is_flag=True, help="Print a one-time link, by which the user chooses one.")


@click.group()
def users() -> None:
    """List, create, change and disable users.

    \b
    Examples:
      opsconductor users add anna --role operator --display-name "Anna Berg"
      opsconductor users passwd anna --link
      opsconductor users roles anna --role operator --role admin
      opsconductor users only anna --only site=berlin
      opsconductor users disable anna
    """  # noqa: D301 - click wants the character itself


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_all(config_file: Path | None, *, as_json: bool) -> None:
    """List the users with their roles."""
    found = _run(config_file, lambda database, _: list_users(database))
    if as_json:
        echo_json([{**asdict(user), "rows": user.rows.document()} for user in found])
        return
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in ("name", "display name", "roles", "state", "only", "last log-in"):
        table.add_column(heading, no_wrap=True)
    for user in found:
        table.add_row(
            Text(printable(user.username)),
            Text(printable(user.display_name or "")),
            ", ".join(user.roles),
            _state(user),
            Text(rows_text(user.rows)),
            _local(user.last_login_at),
        )
    console().print(table)


@users.command()
@click.argument("name")
@with_roles
@click.option("--display-name", help="Name to show.")
@click.option("--email", help="Address of the user.")
@with_link
@click.pass_obj
def add(
    config_file: Path | None, /, name: str, *, link: bool, roles: tuple[str, ...], **named: str | None
) -> None:
    """Create a user. The password is prompted for, or read from standard input; see --link.

    \b
    Examples:
      opsconductor users add anna --role operator
      opsconductor users add bo --role viewer --link
    """  # noqa: D301 - click wants the character itself
    if not re.fullmatch(USERNAME, name):
        raise click.BadParameter("expected letters, digits and . _ @ -", param_hint="NAME")
    hashed = None if link else hash_password(_password(name))
    new = UserFields(
        display_name=named["display_name"], email=named["email"], roles=roles, password_hash=hashed
    )
    _run(config_file, lambda database, by: create_user(database, name, new, by))
    click.echo(f"user {name} created, roles: {', '.join(roles) or 'none'}")
    if link:
        _print_link(config_file, name)


@users.command()
@click.argument("name")
@with_link
@click.pass_obj
def passwd(config_file: Path | None, /, name: str, *, link: bool) -> None:
    """Set a user's password, which is prompted for or read from standard input; ends all sessions.

    \b
    Examples:
      opsconductor users passwd anna
      opsconductor users passwd anna --link
    """  # noqa: D301 - click wants the character itself
    if link:
        _print_link(config_file, name)
        return
    user = _run(config_file, lambda database, _: find_user(database, name))
    fields = UserFields(password_hash=hash_password(_password(user.username)))
    _run(config_file, lambda database, by: change_user(database, name, fields, by))
    click.echo(f"the password of {user.username} is changed; all sessions have ended")


@users.command()
@click.argument("name")
@click.pass_obj
def disable(config_file: Path | None, name: str) -> None:
    """Disable a user: all sessions and API keys of the user end; history keeps the name."""
    _change(config_file, name, UserFields(enabled=False))


@users.command()
@click.argument("name")
@click.pass_obj
def enable(config_file: Path | None, name: str) -> None:
    """Enable a user again."""
    _change(config_file, name, UserFields(enabled=True))


@users.command()
@click.argument("name")
@click.argument("to", metavar="ORIGIN", type=click.Choice([each.value for each in AccountOrigin]))
@click.pass_obj
def origin(config_file: Path | None, name: str, to: str) -> None:
    """Hand a user over to the account of the same name elsewhere: ldap, oidc, proxy; or back: local.

    Password and second factor are deleted, and all sessions end. A user who is local again needs a new
    password: `users passwd`.
    """
    user = _run(config_file, lambda database, by: hand_over(database, name, AccountOrigin(to), by))
    click.echo(f"{user.username}: {_state(user)}")


@users.command("reset-second-factor")
@click.argument("name")
@click.pass_obj
def reset_second_factor(config_file: Path | None, name: str) -> None:
    """Remove authenticator app and passkeys of a user who has lost them; the password alone signs in then."""
    user = _run(config_file, lambda database, _: find_user(database, name))
    _run(config_file, lambda database, by: reset_second_factors(database, user, by))
    click.echo(f"{user.username} signs in with the password alone")


@users.command("roles")
@click.argument("name", required=False)
@with_roles
@click.pass_obj
def set_roles(config_file: Path | None, name: str | None, roles: tuple[str, ...]) -> None:
    """Set the roles of a user, these and no others; without NAME list the roles and their permissions.

    \b
    Examples:
      opsconductor users roles
      opsconductor users roles anna --role operator
    """  # noqa: D301 - click wants the character itself
    if name is not None:
        _change(config_file, name, UserFields(roles=roles))
        return
    for role in _run(config_file, lambda database, _: list_roles(database)):
        only = f"\n  only {rows_text(role.rows)}" if role.rows.limits else ""
        factor = "\n  second factor required" if role.requires_second_factor else ""
        click.echo(
            f"{role.name}: {printable(role.description)}\n  {', '.join(role.permissions)}{only}{factor}"
        )


@users.command("require-second-factor")
@click.argument("role")
@click.option("--off", is_flag=True, help="No longer.")
@click.pass_obj
def require_factor(config_file: Path | None, role: str, *, off: bool) -> None:
    """Require a second factor of the users with a role; who lacks one sets it up when logging in next.

    Before that nothing else is permitted to them. API keys are not affected.

    \b
    Examples:
      opsconductor users require-second-factor admin
      opsconductor users require-second-factor operator --off
    """  # noqa: D301 - click wants the character itself
    require = partial(require_second_factor, is_required=not off)
    found = _run(config_file, lambda database, by: require(database, role, by))
    state = "required" if found.requires_second_factor else "not required"
    click.echo(f"{found.name}: second factor {state}")


@users.command()
@click.argument("name")
@with_rows
@click.pass_obj
def only(config_file: Path | None, name: str, only: tuple[str, ...]) -> None:
    """Limit what a user sees to some alerts, whatever the roles are; without options to none.

    \b
    Examples:
      opsconductor users only anna --only site=berlin --only site=hamburg
      opsconductor users only acme --only customer=acme
      opsconductor users only anna
    """  # noqa: D301 - click wants the character itself
    _change(config_file, name, UserFields(rows=rows_of(only)))


@users.command("setup-link")
@click.pass_obj
def setup_link(config_file: Path | None) -> None:
    """Print a one-time link by which the first administrator is created; valid for a day."""
    _print_link(config_file, None)


def _change(config_file: Path | None, name: str, fields: UserFields) -> None:
    user = _run(config_file, lambda database, by: change_user(database, name, fields, by))
    only = f", only {rows_text(user.rows)}" if user.rows.limits else ""
    click.echo(f"{user.username}: {_state(user)}, roles: {', '.join(user.roles) or 'none'}{only}")


def _print_link(config_file: Path | None, name: str | None) -> None:
    with errors_shown():
        settings = load_settings(config_file)
    path = _run(config_file, lambda database, by: create_link(database, name, by))
    click.echo("open this once, within a day:")
    click.echo(f"{page_of(settings)}{path}")


def _password(name: str) -> str:
    """Prompt for a new password on a terminal, else read it from standard input."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if reason := why_weak(password, name):
        raise click.ClickException(reason)
    return password


def _run(config_file: Path | None, act: Callable[[Any, Author], Awaitable[Found]]) -> Found:
    """Do something with the database."""

    async def with_database(settings: Settings) -> Found:
        async with open_database(settings) as pool:
            return await act(pool, Author(name=actor()))

    with errors_shown():
        return asyncio.run(with_database(load_settings(config_file)))


def _state(user: User) -> str:
    if not user.enabled:
        return "disabled"
    if user.origin != AccountOrigin.LOCAL:
        return f"enabled, by {user.origin}"
    if not user.has_password:
        return "no password"
    if user.needs_second_factor:
        return "enabled, second factor"
    return "enabled, second factor to be set up" if user.requires_second_factor else "enabled"


def _local(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"
