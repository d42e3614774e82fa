"""`opsconductor reports`: list reports, make one, save one as a file."""

from datetime import datetime
from functools import partial
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import Json, console
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.text import printable

FORMATS = ("pdf", "html", "csv")
FAINT = "bright_black"
FIRST = "Availability"


@click.group()
@target_options
@click.pass_context
def reports(context: click.Context, /, url: str | None, token: str | None) -> None:
    """Make, list and save reports about availability, alerts and reactions of a day, a week or a month.

    \b
    Examples:
      opsconductor reports make weekly
      opsconductor reports make monthly --site lyon --save report.pdf
      opsconductor reports list
      opsconductor reports save 0b6c2a4e report.csv
    """  # noqa: D301 - click needs the character; the title of a group
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


@reports.command("list")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_reports(target: FindTarget, /, limit: int, *, as_json: bool) -> None:
    """List reports, the newest first."""
    found = run(target(), partial(_list, limit=limit))
    if found is None:
        return
    if as_json:
        echo_json(found["data"])
        return
    table = Table(box=None, pad_edge=False, header_style=FAINT)
    for heading in ("id", "made", "type", "about", "period", "by"):
        table.add_column(heading)
    for row in found["data"]:
        about = row["scope_value"] or "everything"
        texts = (row["id"][:8], _minute(row["generated_time"]), row["report_type"], about, row["period"])
        table.add_row(*(Text(printable(text)) for text in (*texts, row["requested_by"])))
    console().print(table)


@reports.command()
@click.argument("type", type=click.Choice(["daily", "weekly", "monthly"]), default="weekly")
@click.option("--site", default="", help="Devices of one site only.")
@click.option("--device", default="", help="One device only, by address or name.")
@click.option("--save", "file", type=click.Path(path_type=Path, dir_okay=False), help="Save it, too.")
@click.pass_obj
def make(target: FindTarget, /, **given: str | Path | None) -> None:
    """Make a report about the latest day, week or month that is over, and print its figures."""
    file = given.pop("file")
    made = run(target(), partial(_make, body=given))
    if made is None:
        return
    report = made["data"]
    click.echo(f"report {report['id']} created")
    summary = report["metrics_summary"]
    for label in sorted(summary, key=lambda each: (each != FIRST, each)):
        click.echo(f"  {label:<14} {printable(str(summary[label]))}")
    if isinstance(file, Path):
        _save(target, report["id"], file)


@reports.command()
@click.argument("id")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def save(target: FindTarget, /, file: Path, **given: str) -> None:
    """Save the report ID, or the one that begins so, as FILE: its ending is .pdf, .html or .csv."""
    wanted = given["id"]
    found = run(target(), partial(_list, limit=500))
    ids = [row["id"] for row in found["data"] if row["id"].startswith(wanted)] if found else []
    if len(ids) != 1:
        number = f"{len(ids)} reports have" if ids else "no report has"
        raise click.ClickException(f"{number} an id that begins with {wanted!r}")
    _save(target, ids[0], file)


@reports.command()
@click.argument("id")
@click.pass_obj
def delete(target: FindTarget, /, **given: str) -> None:
    """Delete the report ID."""
    run(target(), partial(_delete, report=given["id"]))


def _save(target: FindTarget, report: str, file: Path) -> None:
    ending = file.suffix.removeprefix(".")
    if ending not in FORMATS:
        raise click.ClickException(f"{file}: its ending must be one of {', '.join(FORMATS)}")
    run(target(), partial(_download, report=report, file=file, form=ending))
    click.echo(f"Saved {file}.")


async def _list(client: ApiClient, limit: int) -> Json:
    return await client.get("/reports", [("limit", str(limit))])


async def _make(client: ApiClient, body: Json) -> Json:
    return await client.post("/reports", body)


async def _delete(client: ApiClient, report: str) -> None:
    await client.delete(f"/reports/{report}")


async def _download(client: ApiClient, report: str, file: Path, form: str) -> None:
    parts: list[bytes] = []
    await client.download(f"/reports/{report}/file", [("format", form)], parts.append)
    file.write_bytes(b"".join(parts))  # noqa: ASYNC240 - nothing else runs


def _minute(text: str) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
