"""`opsconductor maintenance`: times in which no notifications are sent for some alerts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from opsconductor.cli.alerts.text import console
from opsconductor.cli.maintenance.text import Json, line_of, windows_of
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.length import Length
from opsconductor.cli.terminal.moment import Moment
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.model.address import canonical_address

UNITS = "in minutes, hours, days: 30m, 2h, 1d, 1h30m"
ADDRESS_SIGNS = frozenset("0123456789.:/*-")


@click.group()
@target_options
@click.pass_context
def maintenance(context: click.Context, /, url: str | None, token: str | None) -> None:
    """Mute alerts for a time: planned maintenance, or a silence that begins now.

    Alerts are still created, shown and marked, but no notifications are sent. Recipients who were notified of
    a problem before are notified of its end. Problems that still exist at the end are notified then.

    \b
    Examples:
      opsconductor maintenance add --device core-sw-1 --behind --for 2h --reason "fibre work"
      opsconductor maintenance add --site hamburg --start 22:00 --for 6h --name "power work hamburg"
      opsconductor maintenance list
      opsconductor maintenance extend "power work hamburg" --for 1h
      opsconductor maintenance end "power work hamburg"
      opsconductor maintenance delete "power work hamburg"
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)  # not needed for the help of a command


@maintenance.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_windows(target: FindTarget, *, as_json: bool) -> None:
    """List windows that are planned, active, or have been over for less than a month."""

    async def get(client: ApiClient) -> Json:
        return await client.get("/maintenance")

    found = run(target(), get)
    assert found is not None
    if as_json:
        echo_json(found["data"])
    else:
        console().print(windows_of(found["data"]))


@maintenance.command()
@click.option("--device", "devices", multiple=True, help="Name or address of a device, also as a pattern.")
@click.option("--behind", is_flag=True, help="The device, and the devices that are cut off without it.")
@click.option("--site", multiple=True, help="Site of the device, also as a pattern.")
@click.option("--role", multiple=True, help="Role of the device, also as a pattern.")
@click.option("--tag", "device_tags", multiple=True, help="Tag of the device, also as a pattern.")
@click.option("--type", "alert_type", multiple=True, help="Type of the alert, such as network_*.")
@click.option("--source", "source_system", multiple=True, help="Name of the connector that reports.")
@click.option("--all", "everything", is_flag=True, help="All alerts.")
@click.option("--for", "lasts", type=Length(), help=f"How long, {UNITS}.")
@click.option("--start", "start_at", type=Moment(), help="Default: now.")
@click.option("--until", "end_at", type=Moment(), help="Its end, in place of --for.")
@click.option("--recurring", "rule", help="Rule of RFC 5545: FREQ=WEEKLY;BYDAY=TU; --for is its length.")
@click.option("--zone", help="Time zone of --recurring, such as Europe/Berlin.")
@click.option("--reason", help="Reason, shown with the window.")
@click.option("--name", help="Unique; default: of the device and the time.")
@click.option(
    "--announce",
    multiple=True,
    metavar="CHANNEL[:RECIPIENT]",
    help="Notify of begin, moved end and end; may be given several times.",
)
@click.option("--hide", is_flag=True, help="Leave its alerts out of lists too.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def add(target: FindTarget, /, *, as_json: bool, **given: Any) -> None:
    """Add a window; without --start it begins now.

    \b
    Examples:
      opsconductor maintenance add --device core-sw-1 --behind --for 2h --reason "fibre work"
      opsconductor maintenance add --device 10.1.0.0/16 --type network_* --for 30m
      opsconductor maintenance add --tag lab --start 2026-12-01T22:00 --until 2026-12-02T04:00
      opsconductor maintenance add --role server --recurring "FREQ=WEEKLY;BYDAY=TU" --zone Europe/Berlin \\
        --start 2026-12-01T02:00+01:00 --for 3h --name "patch night"
      opsconductor maintenance add --site kiel --for 4h --announce noc-mail:noc@example.net
    """  # noqa: D301 - click needs the character itself
    body = _body(given)

    async def post(client: ApiClient) -> Json:
        added: Json = (await client.post("/maintenance", body))["data"]
        return added

    _show(run(target(), post), as_json=as_json)


@maintenance.command()
@click.argument("name")
@click.pass_obj
def end(target: FindTarget, name: str) -> None:
    """End a window, or its present occurrence, now; problems that still exist are notified."""

    async def post(client: ApiClient) -> Json:
        window = await _found(client, name)
        ended: Json = (await client.post(f"/maintenance/{window['id']}/end", {}))["data"]
        return ended

    _show(run(target(), post))


@maintenance.command()
@click.argument("name")
@click.option("--for", "lasts", type=Length(), help=f"How much longer than planned, {UNITS}.")
@click.option("--until", type=Moment(), help="The new end, also an earlier one, in place of --for.")
@click.option("--take-over", is_flag=True, help="Take it over if a file declares it.")
@click.pass_obj
def extend(
    target: FindTarget, name: str, *, lasts: str | None, until: datetime | None, take_over: bool
) -> None:
    """Move the planned end of a window; this takes effect at once."""
    if (lasts is None) is (until is None):
        raise click.UsageError("one of --for and --until is needed")

    async def patch(client: ApiClient) -> Json:
        window = await _found(client, name)
        end_at = until
        if lasts is not None:
            if not window["end_at"]:
                raise click.ClickException("it recurs without end: give --until, or change what declares it")
            end_at = datetime.fromisoformat(window["end_at"]) + parse_duration(lasts)
        assert end_at is not None
        path, query = f"/maintenance/{window['id']}", _taking_over(is_wanted=take_over)
        answer = await client.send("PATCH", path, {"end_at": end_at.isoformat()}, query=query)
        changed: Json = answer["data"]
        return changed

    _show(run(target(), patch))


@maintenance.command()
@click.argument("name")
@click.option("--take-over", is_flag=True, help="Take it over if a file declares it.")
@click.pass_obj
def delete(target: FindTarget, name: str, *, take_over: bool) -> None:
    """Delete a window; problems that still exist are notified."""

    async def remove(client: ApiClient) -> Json:
        window = await _found(client, name)
        query = _taking_over(is_wanted=take_over)
        await client.send("DELETE", f"/maintenance/{window['id']}", {}, query=query)
        return window

    window = run(target(), remove)
    assert window is not None
    click.echo(f"deleted: {window['name']!r}")


def _taking_over(*, is_wanted: bool) -> Sequence[tuple[str, str]]:
    return [("take_over", "true")] if is_wanted else []


def _body(given: Mapping[str, Any]) -> Json:
    """Return what the API is asked for."""
    conditions = {
        name: list(given[name])
        for name in ("site", "role", "device_tags", "alert_type", "source_system")
        if given[name]
    }
    devices: Sequence[str] = given["devices"]
    behind = None
    if given["behind"]:
        if len(devices) != 1:
            raise click.UsageError("--behind needs one --device")
        behind = devices[0]
    elif devices:
        addresses = [each for each in devices if _is_address(each)]
        names = [each for each in devices if not _is_address(each)]
        of_devices = [{"device_ip_pattern": addresses}] * bool(addresses) + [{"device_name": names}] * bool(
            names
        )
        conditions |= of_devices[0] if len(of_devices) == 1 else {"any": of_devices}
    times = {name: given[name].isoformat() for name in ("start_at", "end_at") if given[name] is not None}
    texts = {name: given[name] for name in ("name", "reason", "lasts") if given[name] is not None}
    mode = {"mode": "hide"} if given["hide"] else {}
    if given["rule"]:
        texts["recurring"] = {"rule": given["rule"], "zone": given["zone"] or ""}
    everything = {"everything": True} if given["everything"] else {}
    announced = {"announce": _announced(given["announce"])} if given["announce"] else {}
    return {"conditions": conditions, "behind": behind, **times, **texts, **mode, **everything, **announced}


def _announced(given: Sequence[str]) -> list[Json]:
    """Return channels with their recipients: of one channel several may be given."""
    recipients: dict[str, list[str]] = {}
    for each in given:
        channel, _, recipient = each.partition(":")
        recipients.setdefault(channel, []).extend([recipient] if recipient else [])
    return [{"channel": channel, "recipients": whom} for channel, whom in recipients.items()]


def _is_address(text: str) -> bool:
    return canonical_address(text) is not None or (
        ADDRESS_SIGNS.issuperset(text) and any(sign in text for sign in ".:")
    )


async def _found(client: ApiClient, name: str) -> Json:
    """Return the window of a name, or with an id that contains the text.

    Raises:
        click.ClickException: There is none, or more than one.
    """
    windows: list[Json] = (await client.get("/maintenance"))["data"]
    found = [each for each in windows if each["name"] == name] or [
        each for each in windows if name.lower() in (each["id"], each["name"].lower())
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(repr(each["name"]) for each in windows if each["state"] != "over") or "there is none"
    raise click.ClickException(f"no maintenance window has the name {name!r}: {known}")


def _show(window: Json | None, *, as_json: bool = False) -> None:
    assert window is not None
    if as_json:
        echo_json(window)
    else:
        console().print(line_of(window))
