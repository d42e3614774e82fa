"""Users, roles, sessions and API keys for reading."""

from collections.abc import Iterable
from datetime import datetime

from rich.table import Table
from rich.text import Text

from opsconductor.cli.terminal.api_client import Json
from opsconductor.cli.terminal.row_filter import rows_text
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.model.row_filter import row_filter_of
from opsconductor.model.text import printable


def users_table(users: Iterable[Json]) -> Table:
    """Return the table of users."""
    table = _table("name", "display name", "roles", "state", "only", "last log-in")
    for user in users:
        table.add_row(
            _text(user["username"]),
            _text(user["display_name"]),
            _text(", ".join(user["roles"])),
            state_of(user),
            _text(_only(user)),
            local_time(user["last_login_at"]),
        )
    return table


def keys_table(keys: Iterable[Json]) -> Table:
    """Return the table of API keys."""
    table = _table("name", "prefix", "may", "only", "quota", "made", "last used", "expires")
    for key in keys:
        table.add_row(
            _text(key["name"]),
            _text(f"ops_{key['prefix']}"),
            _text(", ".join((*key["roles"], *key["scopes"]))),
            _text(_only(key)),
            f"{key['quota_per_minute']} a minute" if key["quota_per_minute"] else "",
            *(local_time(key[name]) for name in ("created_at", "last_used_at", "expires_at")),
        )
    return table


def sessions_table(sessions: Iterable[Json]) -> Table:
    """Return the table of open sessions."""
    table = _table("owner", "from", "opened", "last used", "ends")
    for each in sessions:
        table.add_row(
            _text(f"key {each['owner']}" if each["is_key"] else each["owner"]),
            _text(each["remote_ip"]),
            *(local_time(each[name]) for name in ("created_at", "last_seen_at", "expires_at")),
        )
    return table


def user_line(user: Json) -> str:
    """Return a user in one line: state, roles and what the user is limited to."""
    only = _only(user)
    roles = ", ".join(user["roles"]) or "none"
    limited = f", only {only}" if only else ""
    return printable(f"{user['username']}: {state_of(user)}, roles: {roles}{limited}")


def role_lines(role: Json) -> str:
    """Return a role with its permissions in lines."""
    only = f"\n  only {_only(role)}" if role["row_filter"] else ""
    factor = "\n  second factor required" if role["requires_second_factor"] else ""
    return (
        f"{role['name']}: {printable(role['description'])}\n  {', '.join(role['permissions'])}{only}{factor}"
    )


def state_of(user: Json) -> str:
    """Return whether and how a user logs in."""
    if not user["enabled"]:
        return "disabled"
    if user["origin"] != AccountOrigin.LOCAL:
        return f"enabled, by {user['origin']}"
    if not user["has_password"]:
        return "no password"
    if user["has_second_factor"] or user["passkeys"]:
        return "enabled, second factor"
    return "enabled, second factor to be set up" if user["requires_second_factor"] else "enabled"


def local_time(moment: str | None) -> str:
    """Return a time of an answer in the local zone; without one `never`."""
    return "never" if moment is None else f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def _only(limited: Json) -> str:
    return rows_text(row_filter_of(limited["row_filter"]))


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table


def _text(value: str | None) -> Text:
    return Text(printable(value or ""))
