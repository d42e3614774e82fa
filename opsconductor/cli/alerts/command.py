"""`opsconductor alerts`: list and handle alerts on a terminal."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from opsconductor.cli.alerts.deciding import DECISIONS
from opsconductor.cli.alerts.many import COMMANDS, filter_option
from opsconductor.cli.alerts.sending import full_id, read_alert, send
from opsconductor.cli.alerts.text import Json, console, list_of, now, story_of
from opsconductor.cli.alerts.watch import watch
from opsconductor.cli.alerts.why import why_of
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.length import Length
from opsconductor.cli.terminal.outcome import echo_csv, echo_json
from opsconductor.model.enums import Severity, Status
from opsconductor.model.text import printable

WANTED_UNLESS_SAID = (Status.ACTIVE, Status.ACKNOWLEDGED)
MOST = 200
"""Alerts in the table, and alerts per page of the API."""
EVERY = 10**9

Query = Sequence[tuple[str, str]]


@click.group(invoke_without_command=True)
@target_options
@click.option("--watch", "is_live", is_flag=True, help="Keep the table live.")
@click.option(
    "--status",
    type=click.Choice([status.value for status in Status]),
    multiple=True,
    help="Default: active, acknowledged.",
)
@click.option("--severity", type=click.Choice([severity.value for severity in Severity]), multiple=True)
@click.option("--search", help="Beginnings of words of title, message, device name or address.")
@click.option("--hidden", is_flag=True, help="Also those that a maintenance window hides.")
@filter_option
@click.option(
    "--output",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="Form of the output; JSON and CSV have all matching alerts.",
)
@click.option("--json", "output", flag_value="json", help="The same as --output json.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    help="Maximum number; default: 200 in the table, else all.",
)
@click.pass_context
def alerts(context: click.Context, /, url: str | None, token: str | None, **wanted: object) -> None:
    """List alerts, most urgent first; show, acknowledge, shelve, resolve or comment on one.

    An ID may be abbreviated to four or more characters of its beginning or its end, if they match exactly one
    open alert, or exactly one alert when no open alert matches.

    \b
    Examples:
      opsconductor alerts --watch
      opsconductor alerts --severity critical --severity major --search core1
      opsconductor alerts --filter site=lyon --filter alert_type=power_*
      opsconductor alerts --json | jq -r '.[].device_name' | sort | uniq -c
      opsconductor alerts show 838cb823
      opsconductor alerts why 838cb823
      opsconductor alerts ack 838cb823 --note "fibre team is on its way"
      opsconductor alerts shelve 838cb823 --for 2h --reason "waiting for a spare part"
      opsconductor alerts severity 838cb823 --set critical --reason "the customer calls"
    """  # noqa: D301 - click wants the character itself
    config_file: Path | None = context.obj
    target = context.obj = partial(find_target, config_file, url, token)  # the help of a command needs none
    if context.invoked_subcommand is None:
        limit = wanted["limit"]
        assert limit is None or isinstance(limit, int)
        query = _query(wanted)
        output = str(wanted["output"])
        if wanted["is_live"] and output == "table":
            run(target(), partial(_watch, query=query, most=limit or MOST))
            return
        most = limit or (MOST if output == "table" else EVERY)
        answer = run(target(), partial(_read, query=query, most=most))
        if answer is not None:
            _print(answer, output)


for command in (*COMMANDS, *DECISIONS):
    alerts.add_command(command)


@alerts.command()
@click.argument("alert_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the alert as JSON.")
@click.pass_obj
def show(target: FindTarget, alert_id: str, *, as_json: bool) -> None:
    """Show one alert with its history."""
    alert = run(target(), partial(read_alert, alert_id=alert_id))
    assert alert is not None
    if as_json:
        echo_json(alert)
    else:
        console().print(story_of(alert))


@alerts.command()
@click.argument("alert_id", metavar="ID")
@click.option(
    "--for", "name", metavar="NAME", help="Answer for a recipient, a rule or a channel, in a sentence."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def why(target: FindTarget, alert_id: str, name: str | None, *, as_json: bool) -> None:
    """Show why an alert was or was not notified: every rule and every message.

    \b
    Examples:
      opsconductor alerts why 838cb823
      opsconductor alerts why 838cb823 --for noc@example.net
    """  # noqa: D301 - click wants the character itself
    found = run(target(), partial(_why, alert_id=alert_id, name=name))
    assert found is not None
    if as_json:
        echo_json(found)
    elif name is not None:
        click.echo(printable(found["answer"]))
    else:
        console().print(why_of(found))


@alerts.command()
@click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--note", help="Comment for the history.")
@click.pass_obj
def ack(target: FindTarget, alert_ids: Sequence[str], note: str | None) -> None:
    """Acknowledge alerts."""
    run(target(), partial(send, alert_ids=alert_ids, name="acknowledge", notes=note))


@alerts.command()
@click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--note", help="Comment for the history.")
@click.pass_obj
def unack(target: FindTarget, alert_ids: Sequence[str], note: str | None) -> None:
    """Withdraw the acknowledgement of alerts: they become active again."""
    run(target(), partial(send, alert_ids=alert_ids, name="unacknowledge", notes=note))


@alerts.command()
@click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--note", help="Comment for the history.")
@click.pass_obj
def resolve(target: FindTarget, alert_ids: Sequence[str], note: str | None) -> None:
    """Resolve alerts."""
    run(target(), partial(send, alert_ids=alert_ids, name="resolve", notes=note))


@alerts.command()
@click.argument("alert_id", metavar="ID")
@click.argument("text")
@click.pass_obj
def note(target: FindTarget, alert_id: str, text: str) -> None:
    """Add a comment to an alert's history."""
    run(target(), partial(send, alert_ids=[alert_id], name="notes", notes=text))


@alerts.command()
@click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--for", "lasts", type=Length(), required=True, help="How long: 30m, 2h, 1d.")
@click.option("--reason", required=True, help="Why, for the history and for those who ask.")
@click.pass_obj
def shelve(target: FindTarget, alert_ids: Sequence[str], lasts: str, reason: str) -> None:
    """Notify nobody of alerts for a time; what still stands at the end is notified then.

    A higher severity takes an alert from the shelf. Who was notified before is notified when it is over.

    \b
    Examples:
      opsconductor alerts shelve 838cb823 --for 2h --reason "waiting for a spare part"
      opsconductor alerts unshelve 838cb823
    """  # noqa: D301 - click wants the character itself
    run(target(), partial(send, alert_ids=alert_ids, name="shelve", notes=reason, lasts=lasts))


@alerts.command()
@click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--note", help="Comment for the history.")
@click.pass_obj
def unshelve(target: FindTarget, alert_ids: Sequence[str], note: str | None) -> None:
    """Take alerts from the shelf before its time; they are notified if they still stand."""
    run(target(), partial(send, alert_ids=alert_ids, name="unshelve", notes=note))


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


async def _why(client: ApiClient, alert_id: str, name: str | None) -> Json:
    query = [("for", name)] if name is not None else []
    found: Json = (await client.get(f"/alerts/{await full_id(client, alert_id)}/why", query))["data"]
    return found


def _query(wanted: dict[str, object]) -> Query:
    filters = wanted["filters"]
    assert isinstance(filters, list)
    query: list[tuple[str, str]] = list(filters)
    has_status = any(name == "status" for name, _ in query)
    for name in ("status", "severity"):
        chosen = wanted[name]
        assert isinstance(chosen, tuple)
        values = chosen or (WANTED_UNLESS_SAID if name == "status" and not has_status else ())
        query += [(name, str(value)) for value in values]
    if wanted["hidden"]:
        query.append(("hidden", "also"))
    if wanted["search"]:
        query.append(("search", str(wanted["search"])))
    return query


def _print(answer: Json, output: str) -> None:
    if output == "json":
        echo_json(answer["data"])
    elif output == "csv":
        echo_csv(answer["data"])
    else:
        screen = console()
        screen.print(list_of(answer, now(), fills=screen.is_terminal))
