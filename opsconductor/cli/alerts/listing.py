"""`opsconductor alerts list | watch`: alerts as a table, as JSON or CSV, or as a live table."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

from opsconductor.cli.alerts.many import Query, filter_option
from opsconductor.cli.alerts.text import Json, console, list_of, now
from opsconductor.cli.alerts.watch import watch
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, run
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.enums import Severity, Status

WANTED_UNLESS_SAID = (Status.ACTIVE, Status.ACKNOWLEDGED)
MOST = 200
"""Alerts in the table, and alerts per page of the API."""
EVERY = 10**9

WANTED = (
    click.option(
        "--status",
        type=click.Choice([status.value for status in Status]),
        multiple=True,
        help="Default: active, acknowledged.",
    ),
    click.option("--severity", type=click.Choice([severity.value for severity in Severity]), multiple=True),
    click.option("--search", help="Beginnings of words of title, message, device name or address."),
    click.option("--hidden", is_flag=True, help="Also those that a maintenance window hides."),
    filter_option,
)
"""Options that choose alerts, of every command that lists them."""


def wanted_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose alerts."""
    for option in reversed(WANTED):
        command = option(command)
    return command


@click.command("list")
@wanted_options
@click.option(
    "--limit", type=click.IntRange(1), help="Maximum number; default: 200 in the table, all as JSON and CSV."
)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_alerts(target: FindTarget, /, limit: int | None, *, as_json: bool, **wanted: Any) -> None:
    """List alerts, most urgent first; open ones unless a status is given.

    \b
    Examples:
      opsconductor alerts list
      opsconductor alerts list --severity critical --severity major --search core1
      opsconductor alerts list --filter site=lyon --filter alert_type=power_*
      opsconductor alerts list --status resolved --limit 50 --output csv
      opsconductor alerts list --json | jq -r '.[].device_name' | sort | uniq -c
    """  # noqa: D301 - click needs the character itself
    most = limit or (EVERY if as_json else MOST)
    answer = run(target(), partial(_read, query=_query(**wanted), most=most))
    assert answer is not None
    if as_json:
        echo_json(answer["data"])
    else:
        screen = console()
        screen.print(list_of(answer, now(), fills=screen.is_terminal))


@click.command("watch")
@wanted_options
@click.option("--limit", type=click.IntRange(1), default=MOST, show_default=True, help="Maximum number.")
@click.pass_obj
def watch_alerts(target: FindTarget, /, limit: int, **wanted: Any) -> None:
    """Show the list of alerts as a live table until Ctrl-C.

    \b
    Examples:
      opsconductor alerts watch
      opsconductor alerts watch --severity critical --filter site=lyon
    """  # noqa: D301 - click needs the character itself
    run(target(), partial(_watch, query=_query(**wanted), most=limit))


async def _read(client: ApiClient, query: Query, most: int) -> Json:
    """Return up to this many alerts, reading page by page; one that moved between pages is kept once."""
    found: dict[str, Json] = {}
    size = ("per_page", str(min(MOST, most)))
    page = [size]
    while True:
        answer = await client.get("/alerts", [*query, *page])
        found.update((alert["id"], alert) for alert in answer["data"])
        cursor = answer["meta"]["next_cursor"]
        if cursor is None or len(found) >= most:
            return {**answer, "data": list(found.values())[:most]}
        page = [size, ("cursor", cursor)]


async def _watch(client: ApiClient, query: Query, most: int) -> None:
    await watch(client, partial(_read, client, query, most), console())


def _query(
    *, status: Sequence[str], severity: Sequence[str], search: str | None, hidden: bool, filters: Query
) -> Query:
    """Return the query of the options that choose alerts."""
    has_status = status or any(name == "status" for name, _ in filters)
    query = [*filters, *(("status", each) for each in (status if has_status else WANTED_UNLESS_SAID))]
    query += [("severity", each) for each in severity]
    query += [("hidden", "also")] if hidden else []
    query += [("search", search)] if search else []
    return query


LISTS: Sequence[click.Command] = (list_alerts, watch_alerts)
