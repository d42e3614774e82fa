"""`opsconductor audit`: who has changed what, and whether the log of it is intact."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import console
from opsconductor.cli.audit_log import LocalAudit, RemoteAudit, open_audit
from opsconductor.cli.terminal.api_client import target_options
from opsconductor.cli.terminal.moment import Moment
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.cli.terminal.reach import ask
from opsconductor.model.text import printable

OpenAudit = Callable[[], AbstractAsyncContextManager[LocalAudit | RemoteAudit]]


@click.group()
@target_options
@click.pass_context
def audit(context: click.Context, /, url: str | None, token: str | None) -> None:
    """List the audit log; verify that no entry is missing or changed.

    With --server, --token or --key-file the daemon's API is asked, with the rights of that key. Otherwise the
    database of this host is used, which needs neither a daemon nor a key.

    \b
    Examples:
      opsconductor audit list --action user --limit 20
      opsconductor audit verify
      opsconductor audit list --server https://ops.example.net --key-file ~/.ops-key
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(open_audit, config_file, url, token)


@audit.command("list")
@click.option("--actor", help="Name of a user or an API key, or cli:USER.")
@click.option("--action", help="An action such as user.create, or the part before its dot.")
@click.option("--subject", help="What was changed.")
@click.option("--since", type=Moment(), help="From this time on.")
@click.option("--until", type=Moment(), help="Before this time.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def list_all(opened: OpenAudit, /, *, limit: int, as_json: bool, **wanted: Any) -> None:
    """List entries, the newest first.

    \b
    Examples:
      opsconductor audit list --actor anna --since 2026-03-01
      opsconductor audit list --action provision.apply --json
    """  # noqa: D301 - click needs the character itself
    rows = ask(opened, lambda log: log.entries(wanted, limit))
    if as_json:
        echo_json(rows)
        return
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in ("no.", "when", "who", "from", "action", "what", "details"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        texts = (row["actor"] or "unknown", row["remote_ip"] or "", row["action"], row["subject"])
        details = json.dumps(row["details"]) if row["details"] else ""
        shown = (Text(printable(text)) for text in (*texts, details))
        table.add_row(str(row["seq"]), _local(row["created_at"]), *shown)
    console().print(table)


@audit.command()
@click.option("--head", default="", help="What an earlier verification printed: the log must contain it.")
@click.pass_obj
def verify(opened: OpenAudit, head: str) -> None:
    """Check that every entry is there and unchanged; exit status 1 if not.

    Note the head that is printed outside of this host: the owner of the database could compute a new chain,
    but not one with a head that you have noted.

    \b
    Examples:
      opsconductor audit verify
      opsconductor audit verify --head 812:9f86d081884c7d65...
    """  # noqa: D301 - click needs the character itself
    if head and not head.partition(":")[0].isdecimal():
        raise click.BadParameter("expected NUMBER:HASH", param_hint="--head")
    verdict = ask(opened, lambda log: log.verify(head))
    for fault in verdict["faults"]:
        click.echo(f"! {printable(fault)}", err=True)
    older = f", entries up to {verdict['pruned']} were deleted by their age" if verdict["pruned"] else ""
    click.echo(f"{verdict['entries']} entries{older}")
    click.echo(f"head {verdict['head']}")
    if verdict["faults"]:
        raise click.ClickException("the audit log is not intact")
    click.echo("the audit log is intact")


def _local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M:%S}"
