"""`opsconductor anomalies`: list and judge anomalies of measured values on a terminal."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import click
from rich.console import Group, RenderableType
from rich.text import Text

from opsconductor.cli.alerts.text import SHORT_ID, Json, age, console, now
from opsconductor.cli.terminal.api_client import ApiClient, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.measured.anomaly import AnomalySeverity, AnomalyStatus
from opsconductor.model.text import printable

FULL_ID = 36
SWITCHES = ("is_open", "held_back")
MOST_SEARCHED = 500
STYLES: Mapping[str, str] = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "bright_black"}
Ask = Callable[[ApiClient], Awaitable[Json]]

json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
notes_option = click.option("--notes", default="", help="A remark; it is kept.")
ids_argument = click.argument("ids", metavar="ID...", nargs=-1, required=True)


@click.group()
def anomalies() -> None:
    """List anomalies of measured values; show, acknowledge, resolve or judge one.

    An ID may be abbreviated to any four or more consecutive characters of it, if they match exactly one of
    the latest 500.

    \b
    Examples:
      opsconductor anomalies list --open
      opsconductor anomalies show 838cb823
      opsconductor anomalies feedback 838cb823 --false --notes "battery test"
      opsconductor anomalies digest --hours 168
      opsconductor anomalies export --format jsonl > anomalies.jsonl
    """  # noqa: D301 - click needs the character itself


@anomalies.command("list")
@click.option("--status", type=click.Choice([each.value for each in AnomalyStatus]), help="Default: any.")
@click.option("--severity", type=click.Choice([each.value for each in AnomalySeverity]), help="Default: any.")
@click.option("--device", help="Name or key of a device.")
@click.option("--metric", help="Default: any.")
@click.option("--open", "is_open", is_flag=True, help="Only ongoing ones.")
@click.option("--held-back", is_flag=True, help="Only those that were held back: they did not alert.")
@click.option(
    "--source", type=click.Choice(("series", "dataset")), help="Where they were found. Default: any."
)
@click.option("--analysis", metavar="ID", help="Only those of this analysis of a dataset.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@json_option
@target_options
@click.pass_obj
def list_(
    config_file: Path | None, /, url: str | None, token: str | None, *, as_json: bool, **wanted: object
) -> None:
    """List anomalies, the latest first."""
    query = _query(wanted)

    async def ask(client: ApiClient) -> Json:
        return await client.get("/anomalies", query)

    rows = _asked(config_file, url, token, ask)["data"]
    if as_json:
        echo_json(rows)
    else:
        console().print(Group(*map(_line, rows)) if rows else Text("no anomaly", "green"))


@anomalies.command()
@click.argument("part", metavar="ID")
@json_option
@target_options
@click.pass_obj
def show(config_file: Path | None, part: str, url: str | None, token: str | None, *, as_json: bool) -> None:
    """Show one anomaly with its explanation."""

    async def ask(client: ApiClient) -> Json:
        return await client.get(f"/anomalies/{await _full_id(client, part)}")

    row = _asked(config_file, url, token, ask)["data"]
    if as_json:
        echo_json(row)
    else:
        console().print(_whole(row))


@anomalies.command()
@ids_argument
@notes_option
@target_options
@click.pass_obj
def ack(config_file: Path | None, ids: Sequence[str], notes: str, url: str | None, token: str | None) -> None:
    """Acknowledge anomalies."""
    _change((config_file, url, token), ids, "acknowledge", {"notes": notes})


@anomalies.command()
@ids_argument
@notes_option
@target_options
@click.pass_obj
def resolve(
    config_file: Path | None, ids: Sequence[str], notes: str, url: str | None, token: str | None
) -> None:
    """Resolve anomalies; their alerts are cleared."""
    _change((config_file, url, token), ids, "resolve", {"notes": notes})


@anomalies.command()
@ids_argument
@click.option("--true/--false", "is_true", required=True, help="It was a true anomaly, or a false alarm.")
@notes_option
@target_options
@click.pass_obj
def feedback(
    config_file: Path | None, /, ids: Sequence[str], url: str | None, token: str | None, **said: object
) -> None:
    """Confirm anomalies, or mark them as false alarms: similar ones are then held back for up to 30 days."""
    body = {"is_true_positive": said["is_true"], "notes": said["notes"]}
    _change((config_file, url, token), ids, "feedback", body)


@anomalies.command()
@click.option("--hours", type=click.IntRange(1, 744), default=24, show_default=True)
@json_option
@target_options
@click.pass_obj
def digest(
    config_file: Path | None, hours: int, url: str | None, token: str | None, *, as_json: bool
) -> None:
    """Sum up what was found and what was held back, and why."""

    async def ask(client: ApiClient) -> Json:
        return await client.get("/anomalies/digest", [("hours", str(hours))])

    sums = _asked(config_file, url, token, ask)["data"]
    if as_json:
        echo_json(sums)
    else:
        console().print(_sums(sums))


@anomalies.command()
@click.option("--format", "form", type=click.Choice(("csv", "jsonl")), default="csv", show_default=True)
@target_options
@click.pass_obj
def export(config_file: Path | None, form: str, url: str | None, token: str | None) -> None:
    """Write all anomalies to standard output."""

    async def ask(client: ApiClient) -> Json:
        await client.download("/anomalies/export", [("format", form)], sys.stdout.buffer.write)
        return {}

    _asked(config_file, url, token, ask)


def _query(wanted: Mapping[str, object]) -> list[tuple[str, str]]:
    query = [
        (name, str(value))
        for name, value in wanted.items()
        if name not in SWITCHES and value is not None and not (name == "source" and wanted["held_back"])
    ]
    if wanted["is_open"]:
        query.append(("open", "true"))
    if wanted["held_back"]:
        query += [("admitted", "false"), ("source", "series")]
    return query


def _change(
    target: tuple[Path | None, str | None, str | None],
    ids: Sequence[str],
    verb: str,
    body: Mapping[str, object],
) -> None:
    async def ask(client: ApiClient) -> Json:
        for part in ids:
            full_id = await _full_id(client, part)
            row = (await client.post(f"/anomalies/{full_id}/{verb}", body))["data"]
            click.echo(printable(f"{full_id[-SHORT_ID:]}: {row['status'].replace('_', ' ')}  {row['title']}"))
        return {}

    _asked(*target, ask)


def _asked(config_file: Path | None, url: str | None, token: str | None, ask: Ask) -> Json:
    found = run(find_target(config_file, url, token), ask)
    if found is None:
        raise click.exceptions.Exit(1)
    return found


async def _full_id(client: ApiClient, part: str) -> str:
    """Return the id of the only one of the latest anomalies whose id contains `part`."""
    part = part.lower()
    if len(part) == FULL_ID:
        return part
    query = [("limit", str(MOST_SEARCHED)), ("members", "true")]
    rows = (await client.get("/anomalies", query))["data"]
    found = [str(row["id"]) for row in rows if part in str(row["id"])]
    if len(found) == 1:
        return found[0]
    many = "more than one anomaly has" if found else f"none of the latest {MOST_SEARCHED} anomalies has"
    raise click.ClickException(f"{many} an id that contains {part}")


def _line(row: Json) -> Text:
    lasts = row["ended_at"] is None and row["status"] == "detected"
    state = "ongoing" if lasts else row["status"].replace("_", " ")
    outcome = "alerted" if row["is_admitted"] else "held back"
    if row["analysis_id"] is not None:
        state, outcome = row["status"].replace("_", " "), "in a dataset"
    device = row["dataset_name"] or row["device_name"] or row["device_key"]
    return Text.assemble(
        (f"{row['id'][-SHORT_ID:]}  "),
        (f"{row['severity']:<9}", STYLES[row["severity"]]),
        (printable(row["title"]), "bold"),
        (printable(f"  {device} {row['resource']}".rstrip())),
        (f"  {age(row['detected_at'], now())} ago, {state}, {outcome}", "bright_black"),
    )


def _whole(row: Json) -> RenderableType:
    facts = (
        "id",
        "severity",
        "status",
        "device_name",
        "dataset_name",
        "analysis_id",
        "metric",
        "resource",
        "detected_at",
        "ended_at",
        "alert_id",
    )
    shown = [f"{name}: {row[name]}" for name in facts if row[name] not in (None, "")]
    members = [f"together with: {each['device_name']} {each['metric']}" for each in row["part_of_it"]]
    said = [
        f"{each['user_name']}: {'true' if each['is_true_positive'] else 'false alarm'} {each['notes']}"
        for each in row["feedback"]
    ]
    lines = [*row["explanation"]["sentences"], *shown, *members, *said]
    return Group(Text(printable(row["title"]), "bold"), *(Text(printable(str(line))) for line in lines))


def _sums(sums: Json) -> RenderableType:
    held_back = sums["total"] - sums["admitted"]
    head = (
        f"{sums['total']} anomalies, {sums['admitted']} alerted, {held_back} held back, "
        f"{sums['open']} ongoing; judged: {sums['true_positives']} true, {sums['false_positives']} false"
    )
    rows = [
        f"{each['amount']:>6}  {each['metric']} on {each['devices']} device{'s' * (each['devices'] != 1)}: "
        + each["admission"].removeprefix("held back: ")
        for each in sums["held_back"]
    ]
    proposals = [
        f"suggested: hold back {each['metric']} of {each['device_type']} ({each['judged']} false alarms)"
        for each in sums["proposals"]
    ]
    return Group(Text(head, "bold"), *(Text(printable(line)) for line in (*rows, *proposals)))
