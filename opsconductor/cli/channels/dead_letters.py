"""`opsconductor channels undelivered` and `resend`: what was given up, and its delivery by hand."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click
from rich.text import Text

from opsconductor.cli.alerts.text import SHORT_ID, Json, age, console, now
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, run
from opsconductor.cli.terminal.moment import Moment
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.enums import NotificationKind
from opsconductor.model.text import printable

GIVEN_UP = "/notifications/given-up"
MOST = 1_000
NOTHING_SENT = 1


@click.command()
@click.option("--channel", default="", help="Default: any.")
@click.option("--since", type=Moment(), default="7d", show_default=True, help="Given up since then.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def undelivered(target: FindTarget, channel: str, since: datetime, *, as_json: bool) -> None:
    """List the notifications that were given up, latest first, with the reason.

    \b
    Examples:
      opsconductor channels undelivered
      opsconductor channels undelivered --channel noc-mail --since 1d --json
    """  # noqa: D301 - click needs the character itself

    async def ask(client: ApiClient) -> Json:
        return {"rows": await _rows(client, channel, since)}

    answer = run(target(), ask)
    assert answer is not None
    if as_json:
        echo_json(answer["rows"])
        return
    for line in _lines(answer["rows"]):
        console().print(line)


@click.command()
@click.argument("parts", metavar="[ID]...", nargs=-1)
@click.option("--channel", default="", help="All that was given up over this channel.")
@click.option("--since", type=Moment(), default="7d", show_default=True, help="Given up since then.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_obj
def resend(target: FindTarget, parts: Sequence[str], channel: str, since: datetime, *, as_json: bool) -> None:
    """Deliver notifications again that were given up: those of the IDs, or all of a channel.

    An ID may be abbreviated to four or more consecutive characters of it, if they match exactly one. The
    messages keep their ids and say that they are sent again; the log and the audit log record who did it.
    Those whose recipient has been reached since are included.

    Exit status: 0; 1 if nothing is sent again.

    \b
    Examples:
      opsconductor channels resend 838cb823 1f0c9b11
      opsconductor channels resend --channel noc-mail --since 2h
    """  # noqa: D301 - click needs the character itself
    if bool(parts) == bool(channel):
        raise click.UsageError("give either IDs or --channel; opsconductor channels undelivered lists them")

    async def ask(client: ApiClient) -> Json:
        rows = await _rows(client, channel, since)
        ids = [_full_id(part, rows) for part in parts] or [row["id"] for row in rows]
        if not ids:
            return {"resent": [], "refused": []}
        return dict((await client.post(f"{GIVEN_UP}/resend", {"ids": ids}))["data"])

    outcome = run(target(), ask)
    assert outcome is not None
    if as_json:
        echo_json(outcome)
    else:
        click.echo(f"{len(outcome['resent'])} will be delivered again")
        for each in outcome["refused"]:
            click.echo(f"{each[-SHORT_ID:]}: not sent, it is not given up any more, or its alert was deleted")
    if not outcome["resent"]:
        raise click.exceptions.Exit(NOTHING_SENT)


async def _rows(client: ApiClient, channel: str, since: datetime) -> list[Json]:
    query = [("channel", channel), ("since", f"{since:%Y-%m-%dT%H:%M:%SZ}"), ("limit", str(MOST))]
    found: list[Json] = (await client.get(GIVEN_UP, query))["data"]
    return found


def _full_id(part: str, rows: Sequence[Json]) -> str:
    found = [row["id"] for row in rows if part.lower() in row["id"]]
    if len(found) != 1:
        amount = "no notification that was given up has" if not found else f"{len(found)} have"
        raise click.ClickException(f"{amount} {part!r} in its id: opsconductor channels undelivered")
    return str(found[0])


def _lines(rows: Sequence[Json]) -> Iterator[Text]:
    if not rows:
        yield Text("nothing was given up", style="green")
    for row in rows:
        whom = f"{row['channel']} {row['recipient']}".strip()
        what = " ".join(filter(None, (row["severity"], row["title"], row["device"])))
        since = age(row["concluded_at"], now())
        head = f"{row['id'][-SHORT_ID:]}  {since:>8}  {whom}  {row['kind']}: {what}"
        yield Text(printable(head), style="" if row["is_reached_since"] else "bold")
        notes = ""
        if row["alert_status"]:
            notes = f", the alert is {row['alert_status']} now"
        elif row["kind"] != NotificationKind.MAINTENANCE:
            notes = ", its alert was deleted"
        reached = ", the recipient was reached since" if row["is_reached_since"] else ""
        yield Text(printable(f"    {row['error']} ({row['attempts']} attempts{notes}{reached})"), style="dim")
