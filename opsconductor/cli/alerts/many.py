"""`opsconductor alerts stats | export | bulk`: many alerts at once, chosen by the filters of the API."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp
import click
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.deciding import add_option, remove_option, set_option, withdraw_option
from opsconductor.cli.alerts.text import COLOURS, Json, console
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, run
from opsconductor.cli.terminal.length import Length
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.enums import OPEN_STATUSES
from opsconductor.model.text import listed_values, printable

Query = Sequence[tuple[str, str]]

FAILED = 1
ONE_VALUE = frozenset(
    {"search", "id", "from", "to", "last_from", "last_to", "resolved_from", "resolved_to", "hidden"}
)
YES_OR_NO = frozenset({"acknowledged", "is_cause"})
"""Filters that have one value; the others are lists."""
ACTIONS = (
    "acknowledge",
    "unacknowledge",
    "resolve",
    "assign",
    "notes",
    "shelve",
    "unshelve",
    "tags",
    "severity",
)
"""Commands of the API on many alerts that a filter chooses."""
BULK = aiohttp.ClientTimeout(total=60)

filter_option = click.option(
    "--filter",
    "filters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=lambda _context, _option, given: filters_of(given),
    help="A filter of the API: site, role, device, tag, alert_type, without, from ... (docs/api.md).",
)


def filters_of(given: Sequence[str]) -> Query:
    """Return the query of some `NAME=VALUE`."""
    query = []
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise click.BadParameter(f"{printable(text)} is not NAME=VALUE, as in site=lyon")
        query.append((name, value))
    return query


@click.command()
@filter_option
@click.option("--json", "as_json", is_flag=True, help="Print the sums as JSON.")
@click.pass_obj
def stats(target: FindTarget, filters: Query, *, as_json: bool) -> None:
    """Count alerts by severity, status, category, priority, site and device; without status open ones.

    \b
    Examples:
      opsconductor alerts stats
      opsconductor alerts stats --filter site=lyon --filter status=active
      opsconductor alerts stats --filter without=site
    """  # noqa: D301 - click needs the character itself
    answer = run(target(), partial(_get, path="/alerts/stats", query=filters))
    assert answer is not None
    if as_json:
        echo_json(answer["data"])
        return
    console().print(_sums(answer["data"]))
    if not answer["meta"]["total_is_exact"]:
        within = answer["meta"]["counted_within"]
        click.echo(
            f"of closed alerts only the newest {within} were counted; see others with --filter from=TIME"
        )


@click.command()
@filter_option
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
@click.pass_obj
def export(target: FindTarget, filters: Query, kind: str, output: Path | None) -> None:
    """Export all matching alerts as CSV or JSON lines, closed ones too.

    \b
    Examples:
      opsconductor alerts export -o alerts.csv
      opsconductor alerts export --format jsonl --filter from=2026-01-01T00:00:00Z --filter category=power
    """  # noqa: D301 - click needs the character itself
    query = [*filters, ("format", kind)]

    async def act(client: ApiClient, into: BinaryIO) -> None:
        await client.download("/alerts/export", query, into.write)

    if output is None:
        run(target(), partial(act, into=sys.stdout.buffer))
        return
    with output.open("wb") as file:
        run(target(), partial(act, into=file))


@click.command()
@click.argument("action", type=click.Choice(ACTIONS))
@filter_option
@click.option("--to", metavar="NAME", help="Assignee, with assign; default: no one.")
@click.option("--for", "lasts", type=Length(), help="How long, with shelve: 30m, 2h, 1d.")
@add_option
@remove_option
@set_option
@withdraw_option
@click.option("--note", help="Comment for the history; the reason, with shelve and severity.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def bulk(
    target: FindTarget, /, action: str, filters: Query, note: str | None, *, yes: bool, **given: Any
) -> None:
    """Handle all open alerts that match; ends with 1 if one could not be changed.

    \b
    Examples:
      opsconductor alerts bulk acknowledge --filter site=lyon --note "power works until noon"
      opsconductor alerts bulk assign --filter alert_type=power_* --to anna --yes
      opsconductor alerts bulk shelve --filter device=core1 --for 2h --note "new line card"
      opsconductor alerts bulk tags --filter site=lyon --add change-4711
      opsconductor alerts bulk severity --filter tag=lab --set info --note "a lab"
    """  # noqa: D301 - click needs the character itself
    if not filters:
        raise click.UsageError("name at least one --filter, so that not all open alerts are changed")
    values = _values(action, given)
    if not yes:
        status = [("status", status) for status in sorted(OPEN_STATUSES)]
        counted = [*filters, *([] if any(name == "status" for name, _ in filters) else status)]
        answer = run(target(), partial(_get, path="/alerts", query=[*counted, ("per_page", "1")]))
        assert answer is not None
        if not (total := answer["meta"]["total"]):
            click.echo("no alert matches")
            return
        click.confirm(f"{action}: change {total} {'alert' if total == 1 else 'alerts'}?", abort=True)
    body: Json = {"filter": document_of(filters), **values} | ({} if note is None else {"notes": note})
    answer = run(target(), partial(_post, path=f"/alerts/bulk/{action}", body=body))
    assert answer is not None
    outcome = answer["data"]
    for failed in outcome["failed"]:
        click.echo(printable(f"{failed['id']}: {failed['message']}"), err=True)
    left = f", {outcome['left']} more match: run it again" if outcome["left"] else ""
    click.echo(f"{outcome['done']} of {outcome['matched']} done{left}")
    if outcome["failed"]:
        raise click.exceptions.Exit(FAILED)


def _values(action: str, given: Mapping[str, Any]) -> Json:
    """Return what the body of an action has beside alerts and notes.

    Raises:
        click.UsageError: It lacks something.
    """
    match action:
        case "assign":
            return {"assigned_to": given["to"]}
        case "shelve":
            if given["lasts"] is None:
                raise click.UsageError("say how long: --for 2h")
            return {"lasts": given["lasts"]}
        case "tags":
            if not (given["add"] or given["remove"]):
                raise click.UsageError("name a tag: --add TAG or --remove TAG")
            return {"add": list(given["add"]), "remove": list(given["remove"])}
        case "severity":
            if (given["severity"] is None) != given["withdraw"]:
                raise click.UsageError("give --set SEVERITY or --withdraw")
            return {"severity": given["severity"]}
    return {}


def document_of(filters: Query) -> Json:
    """Return a filter as JSON, as bodies have it."""
    found: dict[str, Any] = {}
    for name, value in filters:
        if name in YES_OR_NO:
            found[name] = value == "true"
        elif name in ONE_VALUE:
            found[name] = value
        else:
            found.setdefault(name, []).extend(listed_values(value))
    return found


COMMANDS: Sequence[click.Command] = (stats, export, bulk)


async def _get(client: ApiClient, path: str, query: Query) -> Json:
    return await client.get(path, query)


async def _post(client: ApiClient, path: str, body: Mapping[str, object]) -> Json:
    return await client.post(path, body, within=BULK)


def _sums(sums: Json) -> Table:
    """Render the sums, one group below the other."""
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    table.add_column(f"{sums['total']} alerts", overflow="fold")
    table.add_column("", justify="right")
    for group in ("severity", "status", "category", "priority", "site", "device"):
        table.add_row(Text(group, style="bright_black"), "")
        for name, amount in sums[group].items():
            if amount:
                shown = Text(f"  {printable(name) or 'unknown'}", style=COLOURS.get(name, ""))
                table.add_row(shown, Text(str(amount)))
    return table
