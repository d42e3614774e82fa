"""`opsconductor alerts`: list and handle alerts on a terminal."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from opsconductor.cli.alerts.deciding import DECISIONS
from opsconductor.cli.alerts.listing import LISTS
from opsconductor.cli.alerts.many import COMMANDS
from opsconductor.cli.alerts.sending import full_id, read_alert, send
from opsconductor.cli.alerts.text import Json, console, story_of
from opsconductor.cli.alerts.why import why_of
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.length import Length
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.text import printable


@click.group()
@target_options
@click.pass_context
def alerts(context: click.Context, /, url: str | None, token: str | None) -> None:
    """List and watch alerts; show, acknowledge, shelve, resolve or comment on one.

    An ID may be abbreviated to four or more characters of its beginning or its end, if they match exactly one
    open alert, or exactly one alert when no open alert matches.

    \b
    Examples:
      opsconductor alerts list --severity critical --search core1
      opsconductor alerts watch --filter site=lyon
      opsconductor alerts show 838cb823
      opsconductor alerts why 838cb823
      opsconductor alerts ack 838cb823 --note "fibre team is on its way"
      opsconductor alerts shelve 838cb823 --for 2h --reason "waiting for a spare part"
      opsconductor alerts severity 838cb823 --set critical --reason "the customer calls"
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


for command in (*LISTS, *COMMANDS, *DECISIONS):
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
    """  # noqa: D301 - click needs the character itself
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
@click.option("--reason", required=True, help="Reason, kept in the history.")
@click.pass_obj
def shelve(target: FindTarget, alert_ids: Sequence[str], lasts: str, reason: str) -> None:
    """Send no notifications for alerts for a time; problems that still exist at the end are notified then.

    A higher severity unshelves an alert. Recipients who were notified before are notified of the end.

    \b
    Examples:
      opsconductor alerts shelve 838cb823 --for 2h --reason "waiting for a spare part"
      opsconductor alerts unshelve 838cb823
    """  # noqa: D301 - click needs the character itself
    run(target(), partial(send, alert_ids=alert_ids, name="shelve", notes=reason, lasts=lasts))


@alerts.command()
@click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--note", help="Comment for the history.")
@click.pass_obj
def unshelve(target: FindTarget, alert_ids: Sequence[str], note: str | None) -> None:
    """Take alerts from the shelf before its time; they are notified if they still stand."""
    run(target(), partial(send, alert_ids=alert_ids, name="unshelve", notes=note))


async def _why(client: ApiClient, alert_id: str, name: str | None) -> Json:
    query = [("for", name)] if name is not None else []
    found: Json = (await client.get(f"/alerts/{await full_id(client, alert_id)}/why", query))["data"]
    return found
