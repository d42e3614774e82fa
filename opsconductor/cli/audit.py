"""`opsconductor audit`: who has changed what, and whether the log of it is intact."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import console
from opsconductor.cli.terminal.moment import Moment
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.model.text import printable
from opsconductor.store.access.audit import AuditFilter, list_entries
from opsconductor.store.access.audit_chain import verify_audit_log
from opsconductor.store.postgres.database import open_database

Found = TypeVar("Found")


@click.group()
def audit() -> None:
    """List the audit log; verify that no entry is missing or changed.

    \b
    Examples:
      opsconductor audit list --action user --limit 20
      opsconductor audit verify
    """  # noqa: D301 - click wants the character itself


@audit.command("list")
@click.option("--actor", help="Name of a user or an API key, or cli:USER.")
@click.option("--action", help="An action such as user.create, or the part before its dot.")
@click.option("--subject", help="What was changed.")
@click.option("--since", type=Moment(), help="From this time on.")
@click.option("--until", type=Moment(), help="Before this time.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def list_all(config_file: Path | None, /, *, limit: int, as_json: bool, **wanted: Any) -> None:
    """List entries, the newest first.

    \b
    Examples:
      opsconductor audit list --actor anna --since 2026-03-01
      opsconductor audit list --action provision.apply --json
    """  # noqa: D301 - click wants the character itself
    rows = _run(config_file, lambda database: list_entries(database, AuditFilter(**wanted), limit))
    if as_json:
        echo_json([asdict(row) for row in rows])
        return
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in ("no.", "when", "who", "from", "action", "what", "details"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        texts = (row.actor or "unknown", row.remote_ip or "", row.action, row.subject)
        details = json.dumps(row.details) if row.details else ""
        shown = (Text(printable(text)) for text in (*texts, details))
        table.add_row(str(row.seq), _local(row.created_at), *shown)
    console().print(table)


@audit.command()
@click.option("--head", default="", help="What an earlier verification printed: the log must contain it.")
@click.pass_obj
def verify(config_file: Path | None, head: str) -> None:
    """Check that every entry is there and unchanged; exit status 1 if not.

    Note the head that is printed outside of this host: whoever owns the database could compute a new chain,
    but not one with a head that you have noted.

    \b
    Examples:
      opsconductor audit verify
      opsconductor audit verify --head 812:9f86d081884c7d65...
    """  # noqa: D301 - click wants the character itself
    if head and not head.partition(":")[0].isdecimal():
        raise click.BadParameter("expected NUMBER:HASH", param_hint="--head")
    verdict = _run(config_file, lambda database: verify_audit_log(database, head))
    for fault in verdict.faults:
        click.echo(f"! {fault}", err=True)
    older = f", entries up to {verdict.pruned} were deleted by their age" if verdict.pruned else ""
    click.echo(f"{verdict.entries} entries{older}")
    click.echo(f"head {verdict.head}")
    if verdict.faults:
        raise click.ClickException("the audit log is not intact")
    click.echo("the audit log is intact")


def _run(config_file: Path | None, act: Callable[[Any], Awaitable[Found]]) -> Found:
    """Do something with the database."""

    async def with_database(settings: Settings) -> Found:
        async with open_database(settings) as pool:
            return await act(pool)

    with errors_shown():
        return asyncio.run(with_database(load_settings(config_file)))


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
