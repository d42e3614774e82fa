"""`opsconductor series`: list series, show one, export and import points, delete a series."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.table import Table

from opsconductor.cli.alerts.text import Json, console
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.measured.quantity import quantity
from opsconductor.model.text import printable

PER_PAGE = 500
MOST = 200
EVERY = 10**9
PART_BYTES = 512 * 1024
"""Bytes of a file in one request."""
MOST_FAULTS = 20

Query = list[tuple[str, str]]


@click.group()
@target_options
@click.pass_context
def series(context: click.Context, /, url: str | None, token: str | None) -> None:
    """List series of measured values, show, export and import their points.

    A series is given by its number, the first column of the list.

    \b
    Examples:
      opsconductor series list --device core-1 --metric octets
      opsconductor series show 17 --step 3600
      opsconductor series export 17 --start 2026-01-01T00:00:00Z > points.csv
      opsconductor series import points.csv
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


@series.command("list")
@click.option("--device", help="Part of its address or name.")
@click.option("--metric", help="Part of the metric.")
@click.option("--resource", help="Part of the resource.")
@click.option("--limit", type=click.IntRange(1), help="Maximum number; default: 200, all as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_series(target: FindTarget, /, limit: int | None, *, as_json: bool, **wanted: Any) -> None:
    """List series, by device, metric and resource."""
    query = [(name, value) for name, value in wanted.items() if value]
    most = limit or (EVERY if as_json else MOST)
    found = run(target(), partial(_pages, query=query, most=most))
    assert found is not None
    if as_json:
        echo_json(found["data"])
        return
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for name in ("id", "device", "metric", "resource", "unit", "kind", "source", "last"):
        table.add_column(name, justify="right" if name == "id" else "left", overflow="fold")
    for each in found["data"]:
        table.add_row(*_row(each))
    console().print(table if found["data"] else "no series")
    if found["more"]:
        click.echo(f"more than {most}: narrow it down, or give --limit", err=True)


@series.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--start", help="2026-01-31T08:00:00Z; default: a day before the end.")
@click.option("--end", help="Default: now.")
@click.option("--step", type=click.IntRange(1), default=3600, show_default=True, help="Seconds a line.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(target: FindTarget, /, number: int, *, as_json: bool, **wanted: Any) -> None:
    """Show a series with lowest, mean and highest values; counters as rates per second."""
    query = _query(wanted)
    found = run(target(), partial(_shown, number=number, query=query))
    assert found is not None
    if as_json:
        echo_json(found)
        return
    about = found["series"]
    where = " ".join(
        filter(None, (about["device_name"] or about["device"], about["metric"], about["resource"]))
    )
    click.echo(f"{printable(where)} ({about['kind']} of {printable(about['source'])})")
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for name in ("time", "lowest", "mean", "highest"):
        table.add_column(name, justify="left" if name == "time" else "right")
    for at, low, mean, high in found["rows"]:
        table.add_row(at, *(printable(quantity(each, found["unit"])) for each in (low, mean, high)))
    console().print(table)


@series.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--start", help="2026-01-31T08:00:00Z; default: a day before the end.")
@click.option("--end", help="Default: now.")
@click.option("--step", type=click.IntRange(1), help="Seconds; default: each point as it is.")
@click.option("--aggregate", type=click.Choice(["mean", "min", "max", "last", "sum", "count"]))
@click.option("--counts", is_flag=True, help="Counters as counted, not as rates.")
@click.pass_obj
def export(target: FindTarget, /, number: int, *, counts: bool, **wanted: Any) -> None:
    """Write points of a series to standard output as CSV."""
    query = [*_query(wanted), ("format", "csv"), *([("counts", "true")] if counts else [])]

    async def load(client: ApiClient) -> None:
        await client.download(f"/series/{number}/points", query, sys.stdout.buffer.write)

    run(target(), load)


@series.command("import")
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def import_points(target: FindTarget, /, file: BinaryIO) -> None:
    """Send the points of a CSV file (- for standard input).

    The header names the columns: device, metric, value, and as needed at, resource, unit, kind, id. A point
    that is sent twice counts once.
    """
    sums = run(target(), partial(_sent, file=file))
    if sums is None:
        raise click.Abort
    click.echo(f"{sums['accepted']:,} points stored, {sums['repeated']:,} known, {sums['refused']:,} refused")
    if sums["refused"]:
        raise click.exceptions.Exit(1)


@series.command()
@click.argument("number", type=click.IntRange(1))
@click.confirmation_option(prompt="Delete the series with all its points?")
@click.pass_obj
def delete(target: FindTarget, number: int) -> None:
    """Delete a series with all its points."""

    async def act(client: ApiClient) -> None:
        await client.delete(f"/series/{number}")

    run(target(), act)
    click.echo(f"series {number} is deleted")


async def _pages(client: ApiClient, query: Query, most: int) -> Json:
    found: list[Json] = []
    cursor: str | None = ""
    while cursor is not None and len(found) < most:
        more = [("cursor", cursor)] if cursor else []
        page = await client.get("/series", [*query, *more, ("per_page", str(min(PER_PAGE, most)))])
        found += page["data"]
        cursor = page["meta"]["next_cursor"]
    return {"data": found[:most], "more": cursor is not None or len(found) > most}


async def _shown(client: ApiClient, number: int, query: Query) -> Json:
    by_aggregate = {}
    for name in ("min", "mean", "max"):
        by_aggregate[name] = (await client.get(f"/series/{number}/points", [*query, ("aggregate", name)]))[
            "data"
        ]
    low, mean, high = (dict(map(tuple, by_aggregate[name]["points"])) for name in ("min", "mean", "max"))
    rows = [[at, low[at], mean[at], high[at]] for at in mean if at in low and at in high]
    return {"series": by_aggregate["mean"]["series"], "unit": by_aggregate["mean"]["unit"], "rows": rows}


async def _sent(client: ApiClient, file: BinaryIO) -> Json:
    """Send a file in parts, each with the header; print refused lines with their numbers in the file."""
    header = file.readline()
    sums = {"accepted": 0, "repeated": 0, "refused": 0}
    line, shown = 1, 0
    while rows := file.readlines(PART_BYTES):
        answer = (await client.upload("/metrics", header + b"".join(rows), media="text/csv"))["data"]
        sums = {name: amount + answer[name] for name, amount in sums.items()}
        for fault in answer["errors"]:
            if (shown := shown + 1) <= MOST_FAULTS:
                click.echo(_fault_text(fault, line), err=True)
        line += len(rows)
        click.echo(f"\r{sums['accepted']:,} points stored", nl=False, err=True)
    click.echo("", err=True)
    return sums


def _fault_text(fault: Mapping[str, str], before: int) -> str:
    """Return a fault with the line in the file instead of the line in its part."""
    place, _, column = fault["name"].removeprefix("line ").partition(":")
    number = str(int(place) + before - 1) if place.isdigit() else place
    text = f"line {number}:{column} found {fault['found']}, expected {fault['expected']}"
    return printable(text)


def _query(wanted: Mapping[str, Any]) -> Query:
    return [(name, str(value)) for name, value in wanted.items() if value is not None]


def _row(each: Json) -> list[str]:
    names = ("device", "metric", "resource", "unit", "kind", "source", "last_at")
    device = each["device_name"] or each["device"]
    texts = [str(each["id"]), device, *(each[name] or "" for name in names[1:])]
    return [printable(text) for text in texts]
