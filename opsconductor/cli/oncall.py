"""`opsconductor oncall`: who is on call, the calendar of a schedule with its gaps, and overrides."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import click

from opsconductor.cli.alerts.text import Json
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.moment import Moment, shown
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.text import printable

MOST_DAYS = 366
LONGEST_FILE = 512 * 1024


@click.group()
@target_options
@click.pass_context
def oncall(context: click.Context, /, url: str | None, token: str | None) -> None:
    """Show who is on call, and put another person on call for a time.

    \b
    Examples:
      opsconductor oncall now
      opsconductor oncall at 2026-12-25T03:00
      opsconductor oncall show noc-primary --days 28
      opsconductor oncall override noc-primary bob --from 2026-12-24T08:00 --to 2026-12-27T08:00
      opsconductor oncall overrides
      opsconductor oncall export noc-primary --days 90 > oncall.ics
      opsconductor oncall import noc-primary holidays.ics --dry-run
      opsconductor oncall restore 0b0d5c7e-6a57-4d0c-b8a8-1f3f5a8f6a11
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


@oncall.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def now(target: FindTarget, *, as_json: bool) -> None:
    """Show who is on call now in each schedule."""
    _duties(target, None, as_json=as_json)


@oncall.command()
@click.argument("moment", metavar="TIME", type=Moment())
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def at(target: FindTarget, *, moment: datetime, as_json: bool) -> None:
    """Show who is on call at another time in each schedule."""
    _duties(target, moment, as_json=as_json)


@oncall.command()
@click.argument("schedule")
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=14, show_default=True, help="How many days."
)
@click.option("--from", "begin", type=Moment(), help="First moment; default: now.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(target: FindTarget, *, schedule: str, days: int, begin: datetime | None, as_json: bool) -> None:
    """Show who is on call in a schedule, gaps included, in the time zone of the schedule."""
    query = [("schedule", schedule), ("days", str(days))]
    query += [("begin", begin.isoformat())] if begin is not None else []

    async def ask(client: ApiClient) -> Json:
        spans = (await client.get("/oncall/calendar", query))["data"]
        return {"spans": spans, "duties": (await client.get("/oncall"))["data"]}

    found = run(target(), ask)
    assert found is not None
    if as_json:
        echo_json(found["spans"])
        return
    zone = next((duty["time_zone"] for duty in found["duties"] if duty["schedule"] == schedule), "UTC")
    click.echo("\n".join(printable(line) for line in _calendar(found["spans"], zone)))


@oncall.command()
@click.argument("schedule")
@click.argument("person")
@click.option("--from", "begin", type=Moment(), required=True, help="First moment.")
@click.option("--to", "end", type=Moment(), required=True, help="End, not included.")
@click.pass_obj
def override(target: FindTarget, *, schedule: str, person: str, begin: datetime, end: datetime) -> None:
    """Put a person on call for a time, in place of the one whom the schedule names."""
    body = {"schedule": schedule, "person": person, "begin": begin.isoformat(), "end": end.isoformat()}

    async def ask(client: ApiClient) -> Json:
        found: Json = (await client.post("/oncall/overrides", body))["data"]
        return found

    found = run(target(), ask)
    assert found is not None
    click.echo(printable(_override(found)))


@oncall.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def overrides(target: FindTarget, *, as_json: bool) -> None:
    """List the overrides that are not over."""
    found = _listed(target, "/oncall/overrides")
    if as_json:
        echo_json(found)
    else:
        click.echo("\n".join(printable(_override(each)) for each in found) or "no overrides")


@oncall.command()
@click.argument("override_id", metavar="ID", type=click.UUID)
@click.pass_obj
def restore(target: FindTarget, *, override_id: object) -> None:
    """Delete an override: the one whom the schedule names is on call again."""

    async def ask(client: ApiClient) -> Json:
        await client.delete(f"/oncall/overrides/{override_id}")
        return {}

    run(target(), ask)
    click.echo("deleted")


@oncall.command()
@click.argument("schedule")
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=90, show_default=True, help="How many days."
)
@click.option("--from", "begin", type=Moment(), help="First moment; default: begin of today.")
@click.pass_obj
def export(target: FindTarget, *, schedule: str, days: int, begin: datetime | None) -> None:
    """Write who is on call in a schedule as an iCalendar file, for any calendar program.

    \b
    Examples:
      opsconductor oncall export noc-primary --days 90 > oncall.ics
    """  # noqa: D301 - click needs the character itself
    query = [("schedule", schedule), ("days", str(days))]
    query += [("begin", begin.isoformat())] if begin is not None else []

    async def ask(client: ApiClient) -> None:
        await client.download("/oncall/calendar.ics", query, sys.stdout.buffer.write)

    run(target(), ask)


@oncall.command("import")
@click.argument("schedule")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would change.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def import_file(target: FindTarget, *, schedule: str, file: BinaryIO, dry_run: bool, as_json: bool) -> None:
    """Make an override of each event of an iCalendar file; `-` reads standard input.

    An event names a person in its summary or as one who attends, by name or e-mail address. An event that was
    imported before (same UID) is changed; one that is cancelled or over is deleted.

    \b
    Examples:
      opsconductor oncall import noc-primary holidays.ics --dry-run
      opsconductor oncall import noc-primary holidays.ics
    """  # noqa: D301 - click needs the character itself
    try:
        text = file.read(LONGEST_FILE + 1).decode("utf-8-sig")
    except ValueError:
        raise click.ClickException(f"{file.name} is not an iCalendar file: it is not UTF-8") from None
    if len(text) > LONGEST_FILE:
        raise click.ClickException(f"{file.name} is too long; expected at most {LONGEST_FILE} characters")
    body = {"schedule": schedule, "calendar": text, "dry_run": dry_run}

    async def ask(client: ApiClient) -> Json:
        return await client.post("/oncall/import", body)

    found = run(target(), ask)
    assert found is not None
    if as_json:
        echo_json(found["data"])
        return
    lines = [printable(_imported(each)) for each in found["data"]] or ["there is no event in the file"]
    click.echo("\n".join(lines))
    if dry_run:
        click.echo("nothing was changed (--dry-run)")


def _imported(event: Json) -> str:
    if event["person"] is None:
        return f"{event['outcome']}  {event['uid']}: cancelled or over"
    begin, end = (shown(datetime.fromisoformat(event[name])) for name in ("begins_at", "ends_at"))
    return f"{event['outcome']}  {event['person']} from {begin} to {end}  ({event['uid']})"


def _duties(target: FindTarget, moment: datetime | None, *, as_json: bool) -> None:
    query = [("at", moment.isoformat())] if moment is not None else []
    found = _listed(target, "/oncall", query)
    if as_json:
        echo_json(found)
    else:
        click.echo("\n".join(printable(_duty(each)) for each in found) or "there is no schedule")


def _listed(target: FindTarget, path: str, query: Sequence[tuple[str, str]] = ()) -> Sequence[Json]:
    async def ask(client: ApiClient) -> Json:
        return {"rows": (await client.get(path, query))["data"]}

    found = run(target(), ask)
    assert found is not None
    rows: Sequence[Json] = found["rows"]
    return rows


def _duty(duty: Json) -> str:
    until = f" until {_local(duty['until'], duty['time_zone'])}" if duty["until"] else ""
    who = f"{duty['person']}  ({duty['by']})" if duty["person"] else "no one"
    return f"{duty['schedule']}: {who}{until}"


def _calendar(spans: Sequence[Json], zone: str) -> Iterator[str]:
    """Yield a line for each span, then the gaps in words."""
    for span in spans:
        who = f"{span['person']}  ({span['by']})" if span["person"] else "NO ONE"
        yield f"{_local(span['begin'], zone)}  to  {_local(span['end'], zone)}  {who}"
    gaps = [span for span in spans if span["person"] is None]
    if gaps:
        yield f"no one is on call in {len(gaps)} of these spans"


def _override(found: Json) -> str:
    begin, end = (shown(datetime.fromisoformat(found[name])) for name in ("begins_at", "ends_at"))
    who = f"{found['schedule']}: {found['person']}"
    return f"{found['id']}  {who} from {begin} to {end}, by {found['created_by']}"


def _local(text: str, zone: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC).astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"
