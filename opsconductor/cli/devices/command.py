"""`opsconductor devices`: list devices, show one, its alerts, graph, and what its failure would mean."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from rich.console import RenderableType

from opsconductor.cli.alerts.text import Json, console, list_of, now
from opsconductor.cli.devices.past import lines_of, past_of
from opsconductor.cli.devices.text import device_of, devices_of, failure_of, graph_of
from opsconductor.cli.rows.command import add_row_changes
from opsconductor.cli.rows.kinds import DEVICE
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.moment import Moment
from opsconductor.cli.terminal.outcome import FORM, echo_json
from opsconductor.model.enums import Severity

PER_PAGE = 200
MOST = 200
EVERY = 10**9

Query = list[tuple[str, str]]


@click.group()
@target_options
@click.pass_context
def devices(context: click.Context, /, url: str | None, token: str | None) -> None:
    """Show devices with the state of their alerts, a graph, what a failure would mean; change them.

    A device is given by name, address or id. One that an inventory has found becomes your own by a change.

    \b
    Examples:
      opsconductor devices list --site lyon --alerting
      opsconductor devices show core-1
      opsconductor devices state core-1 --at "2026-03-01 14:30"
      opsconductor devices graph core-1 --direction downstream --depth 2
      opsconductor devices failure core-1
      opsconductor devices create --set name=core-1 --set ip_address=10.0.0.1
      opsconductor devices update 10.0.0.1 --set site=paris
      opsconductor devices declared list --output yaml > devices.yaml
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


add_row_changes(devices, DEVICE)


@devices.command("list")
@click.argument("search", required=False)
@click.option("--site", multiple=True)
@click.option("--role", multiple=True)
@click.option("--tag", multiple=True)
@click.option("--status", multiple=True, help="In the inventory: active, offline ...")
@click.option("--severity", type=click.Choice([each.value for each in Severity]), multiple=True)
@click.option("--alerting", is_flag=True, help="Only those with open alerts.")
@click.option("--limit", type=click.IntRange(1), help="Maximum number; default: 200, all as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_devices(target: FindTarget, /, search: str | None, limit: int | None, **wanted: Any) -> None:
    """List devices, the worst state first; SEARCH is part of a name or an address."""
    query: Query = [("sort", "severity"), *([("search", search)] if search else [])]
    for name in ("site", "role", "tag", "status", "severity"):
        query += [(name, value) for value in wanted[name]]
    query += [("alerting", "true")] if wanted["alerting"] else []
    most = limit or (EVERY if wanted["as_json"] else MOST)
    found = run(target(), partial(read_pages, path="/devices", query=query, most=most))
    assert found is not None
    show_found(found["data"], devices_of(found["data"], found["meta"]["total"], now()), wanted["as_json"])


@devices.command()
@click.argument("device")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(target: FindTarget, device: str, *, as_json: bool) -> None:
    """Show a device with its facts, open alerts, dependencies and maintenance."""
    found = _get(target, f"/devices/{quote(device, safe='')}")
    show_found(found["data"], device_of(found["data"], now()), as_json)


@devices.command()
@click.argument("device")
@click.option("--at", type=Moment(), required=True, help="Such as 2h (ago), 14:30 or 2026-03-01T14:30.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def state(target: FindTarget, device: str, at: datetime, *, as_json: bool) -> None:
    """Show the state of a device at a time: the alerts open then, and the values measured last before.

    A time without an offset is local. As CSV there is a line for each alert and each value.
    """
    written = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    found = _get(target, f"/devices/{quote(device, safe='')}/state", [("at", written)])["data"]
    is_csv = click.get_current_context().meta.get(FORM) == "csv"
    show_found(lines_of(found) if is_csv else found, past_of(found), as_json)


@devices.command()
@click.argument("device")
@click.option("--limit", type=click.IntRange(1, PER_PAGE), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def alerts(target: FindTarget, device: str, limit: int, *, as_json: bool) -> None:
    """List the alerts of a device, open and closed ones, the newest first."""
    found = _get(target, f"/devices/{quote(device, safe='')}/alerts", [("per_page", str(limit))])
    show_found(found["data"], list_of(found, now()), as_json)


@devices.command()
@click.argument("device", required=False)
@click.option("--site", help="The dependencies of a site, in place of DEVICE.")
@click.option("--direction", type=click.Choice(["both", "upstream", "downstream"]), default="both")
@click.option("--depth", type=click.IntRange(1, 100), default=100, help="Greatest distance from DEVICE.")
@click.option("--json", "as_json", is_flag=True, help="Print nodes and edges as JSON.")
@click.pass_obj
def graph(
    target: FindTarget, device: str | None, site: str | None, direction: str, depth: int, *, as_json: bool
) -> None:
    """Show dependencies as a tree: what needs a device is indented below it."""
    if (device is None) is (site is None):
        raise click.UsageError("name either DEVICE or --site")
    if device is not None:
        query = [("direction", direction), ("depth", str(depth))]
        found = _get(target, f"/devices/{quote(device, safe='')}/graph", query)
    else:
        found = _get(target, f"/inventory/sites/{quote(str(site), safe='')}/graph")
    show_found(found["data"], graph_of(found["data"], found["meta"]["left_out"]), as_json)


@devices.command()
@click.argument("device")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def failure(target: FindTarget, device: str, *, as_json: bool) -> None:
    """Show what would be cut off and suppressed if a device failed now; nothing is changed."""
    found = _get(target, f"/devices/{quote(device, safe='')}/failure")
    show_found(found["data"], failure_of(found["data"]), as_json)


def show_found(data: object, text: RenderableType, as_json: object) -> None:
    """Print data as JSON or as text."""
    if as_json:
        echo_json(data)
    else:
        console().print(text)


async def read_pages(client: ApiClient, path: str, query: Query, most: int) -> Json:
    """Return up to this many entries of a list, reading page by page."""
    found: list[Json] = []
    page: Query = []
    while True:
        answer = await client.get(path, [*query, ("per_page", str(min(PER_PAGE, most))), *page])
        found += answer["data"]
        cursor = answer["meta"]["next_cursor"]
        if cursor is None or len(found) >= most:
            return {**answer, "data": found[:most]}
        page = [("cursor", cursor)]


def _get(target: FindTarget, path: str, query: Sequence[tuple[str, str]] = ()) -> Json:
    async def read(client: ApiClient) -> Json:
        return await client.get(path, query)

    found = run(target(), read)
    assert found is not None
    return found
