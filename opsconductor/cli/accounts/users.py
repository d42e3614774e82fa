"""`opsconductor users`: people who log in with a password."""

import re
import sys
from functools import partial
from pathlib import Path

import click

from opsconductor.cli.accounts.choice import Accounts, OpenAccounts, open_accounts
from opsconductor.cli.accounts.local import LocalAccounts
from opsconductor.cli.accounts.text import role_lines, sessions_table, state_of, user_line, users_table
from opsconductor.cli.alerts.text import console
from opsconductor.cli.terminal.api_client import Json, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.cli.terminal.reach import ask
from opsconductor.cli.terminal.row_filter import rows_of, with_rows
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.store.access.passwords import why_weak
from opsconductor.store.access.users import USERNAME

with_roles = click.option(
    "--role", "roles", multiple=True, help="As `users roles` lists them; repeat for several."
)
with_link = click.option("--link", is_flag=True, help="Print a one-time link for choosing a password.")


@click.group()
@target_options
@click.pass_context
def users(context: click.Context, /, url: str | None, token: str | None) -> None:
    """List, create, change and disable users.

    With --server, --token or --key-file the daemon's API is asked, with the rights of that key. Otherwise the
    database of this host is used, which needs neither a daemon nor a key: so the first administrator is made,
    and a lost password replaced.

    \b
    Examples:
      opsconductor users add anna --role operator --display-name "Anna Berg"
      opsconductor users passwd anna --link
      opsconductor users roles anna --role operator --role admin
      opsconductor users only anna --only site=berlin
      opsconductor users disable anna
      opsconductor users list --server https://ops.example.net --key-file ~/.ops-key
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(open_accounts, config_file, url, token)


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_all(opened: OpenAccounts, *, as_json: bool) -> None:
    """List the users with their roles."""
    found = ask(opened, lambda accounts: accounts.users())
    if as_json:
        echo_json(found)
    else:
        console().print(users_table(found))


@users.command()
@click.argument("name")
@with_roles
@click.option("--display-name", help="Name to show.")
@click.option("--email", help="Address of the user.")
@with_link
@click.pass_obj
def add(
    opened: OpenAccounts, /, name: str, *, link: bool, roles: tuple[str, ...], **named: str | None
) -> None:
    """Create a user. The password is prompted for, or read from standard input; see --link.

    \b
    Examples:
      opsconductor users add anna --role operator
      opsconductor users add bo --role viewer --link
    """  # noqa: D301 - click needs the character itself
    if not re.fullmatch(USERNAME, name):
        raise click.BadParameter("expected letters, digits and . _ @ -", param_hint="NAME")
    new = {**named, "roles": roles, "password": None if link else _password(name)}

    async def create(accounts: Accounts) -> None:
        await accounts.add_user(name, new)
        click.echo(f"user {name} created, roles: {', '.join(roles) or 'none'}")
        if link:
            _echo_link(await accounts.password_link(name))

    ask(opened, create)


@users.command()
@click.argument("name")
@with_link
@click.pass_obj
def passwd(opened: OpenAccounts, /, name: str, *, link: bool) -> None:
    """Set a user's password, which is prompted for or read from standard input; ends all sessions.

    \b
    Examples:
      opsconductor users passwd anna
      opsconductor users passwd anna --link
    """  # noqa: D301 - click needs the character itself
    if link:
        _echo_link(ask(opened, lambda accounts: accounts.password_link(name)))
        return
    username = ask(opened, lambda accounts: accounts.user(name))["username"]
    given = {"password": _password(username)}
    ask(opened, lambda accounts: accounts.change_user(username, given))
    click.echo(f"the password of {username} is changed; all sessions have ended")


@users.command()
@click.argument("name")
@click.pass_obj
def disable(opened: OpenAccounts, name: str) -> None:
    """Disable a user: all sessions and API keys of the user end; history keeps the name.

    The user is no longer notified either, and a file that declares the user does not change that.
    """
    _switch(opened, name, is_enabled=False)


@users.command()
@click.argument("name")
@click.pass_obj
def enable(opened: OpenAccounts, name: str) -> None:
    """Enable a user again."""
    _switch(opened, name, is_enabled=True)


@users.command()
@click.argument("name")
@click.argument("to", metavar="ORIGIN", type=click.Choice([each.value for each in AccountOrigin]))
@click.pass_obj
def origin(opened: OpenAccounts, name: str, to: str) -> None:
    """Hand a user over to the account of the same name elsewhere: ldap, oidc, proxy; or back: local.

    Password and second factor are deleted, and all sessions end. A user who is local again needs a new
    password: `users passwd`. In the database of this host only.
    """
    user = ask(opened, lambda accounts: accounts.hand_over(name, to))
    click.echo(f"{user['username']}: {state_of(user)}")


@users.command("reset-second-factor")
@click.argument("name")
@click.pass_obj
def reset_second_factor(opened: OpenAccounts, name: str) -> None:
    """Remove authenticator app and passkeys of a user who has lost them; the password alone logs in then."""
    ask(opened, lambda accounts: accounts.reset_second_factor(name))
    click.echo(f"{name} logs in with the password alone")


@users.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def sessions(opened: OpenAccounts, *, as_json: bool) -> None:
    """List the open sessions of all users and API keys, the latest used first."""
    found = ask(opened, lambda accounts: accounts.sessions())
    if as_json:
        echo_json(found)
    else:
        console().print(sessions_table(found))


@users.command("log-out")
@click.argument("name")
@click.pass_obj
def sign_out(opened: OpenAccounts, name: str) -> None:
    """End all sessions of a user, who may log in again."""
    click.echo(f"sessions ended: {ask(opened, lambda accounts: accounts.sign_out(name))}")


@users.command("roles")
@click.argument("name", required=False)
@with_roles
@click.pass_obj
def set_roles(opened: OpenAccounts, name: str | None, roles: tuple[str, ...]) -> None:
    """Set the roles of a user, these and no others; without NAME list the roles and their permissions.

    \b
    Examples:
      opsconductor users roles
      opsconductor users roles anna --role operator
    """  # noqa: D301 - click needs the character itself
    if name is not None:
        _change(opened, name, {"roles": roles})
        return
    for role in ask(opened, lambda accounts: accounts.roles()):
        click.echo(role_lines(role))


@users.command("require-second-factor")
@click.argument("role")
@click.option("--off", is_flag=True, help="No longer.")
@click.pass_obj
def require_factor(opened: OpenAccounts, role: str, *, off: bool) -> None:
    """Require a second factor of the users with a role; users who lack one set it up at their next log-in.

    Until then they may do nothing else. API keys are not affected.

    \b
    Examples:
      opsconductor users require-second-factor admin
      opsconductor users require-second-factor operator --off
    """  # noqa: D301 - click needs the character itself
    found = ask(opened, lambda accounts: accounts.require_second_factor(role, is_required=not off))
    state = "required" if found["requires_second_factor"] else "not required"
    click.echo(f"{found['name']}: second factor {state}")


@users.command()
@click.argument("name")
@with_rows
@click.pass_obj
def only(opened: OpenAccounts, name: str, only: tuple[str, ...]) -> None:
    """Limit what a user sees to some alerts, whatever the roles are; without options to none.

    \b
    Examples:
      opsconductor users only anna --only site=berlin --only site=hamburg
      opsconductor users only acme --only customer=acme
      opsconductor users only anna
    """  # noqa: D301 - click needs the character itself
    _change(opened, name, {"row_filter": rows_of(only).document() or {}})


@users.command("setup-link")
@click.pass_obj
def setup_link(opened: OpenAccounts) -> None:
    """Print a one-time link by which the first administrator is created; valid for a day.

    In the database of this host only.
    """
    _echo_link(ask(opened, lambda accounts: accounts.setup_link()))


def _change(opened: OpenAccounts, name: str, given: Json) -> None:
    click.echo(user_line(ask(opened, lambda accounts: accounts.change_user(name, given))))


def _switch(opened: OpenAccounts, name: str, *, is_enabled: bool) -> None:
    async def change(accounts: Accounts) -> tuple[Json, bool]:
        changed = await accounts.change_user(name, {"enabled": is_enabled})
        return changed, isinstance(accounts, LocalAccounts)

    user, is_on_this_host = ask(opened, change)
    click.echo(user_line(user))
    if is_on_this_host:
        click.echo("a running daemon notifies accordingly after: opsconductor reload", err=True)


def _echo_link(link: str) -> None:
    click.echo("open this once, within a day:")
    click.echo(link)


def _password(name: str) -> str:
    """Prompt for a new password on a terminal, else read it from standard input."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if reason := why_weak(password, name):
        raise click.ClickException(reason)
    return password
