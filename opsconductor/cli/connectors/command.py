"""`opsconductor connectors`: how they are, and whether they would work."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from opsconductor.cli.alerts.text import Json, console, now
from opsconductor.cli.api_client import ApiClient, ApiTarget, DaemonAway, find_target, run, target_options
from opsconductor.cli.connectors.text import checks_of, connectors_of
from opsconductor.cli.outcome import faults_of
from opsconductor.logs import printable

BAD = 1


@click.group()
@target_options
@click.pass_context
def connectors(context: click.Context, url: str | None, token: str | None) -> None:
    """See how connectors are, and let them try whether they would work."""
    config_file: Path | None = context.obj
    context.obj = find_target(config_file, url, token)


@connectors.command()
@click.option("--json", "as_json", is_flag=True, help="Print the connectors as JSON.")
@click.pass_obj
def status(target: ApiTarget, *, as_json: bool) -> None:
    """List every connector: its state, when it last worked, what it has brought and rejected.

    Exit status: 0 all that are switched on are connected, and the declared configuration is in force;
    1 one is not, or the configuration has faults, which are printed.

    \b
    Examples:
      opsconductor connectors status
      opsconductor connectors status --json | jq '.[] | select(.status == "error")'
    """  # noqa: D301 - click wants the character itself
    found = run(target, _list_with_faults)
    assert found is not None
    rows, faults = found["data"], faults_of(found["configuration"])
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        console().print(connectors_of(rows, now(), is_faulty=bool(faults)))
    for fault in faults:
        click.echo(printable(fault), err=True)
    is_down = [row["enabled"] and row["status"] != "connected" and row["role"] != "channel" for row in rows]
    if faults or any(is_down):
        raise click.exceptions.Exit(BAD)


@connectors.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_obj
def check(target: ApiTarget, names: Sequence[str], *, as_json: bool) -> None:
    """Let connectors try whether they would work: "Test connection". Nothing is changed, nobody is told.

    Without NAME all that are switched on try. Exit status: 0 all would work; 1 one would not.

    \b
    Examples:
      opsconductor connectors check
      opsconductor connectors check prtg netbox
    """  # noqa: D301 - click wants the character itself

    async def ask(client: ApiClient) -> Json:
        return {name: await _try(client, name) for name in names or await _switched_on(client)}

    found = run(target, ask)
    assert found is not None
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        console().print(checks_of(found))
    if not all(check["ok"] for check in found.values()):
        raise click.exceptions.Exit(BAD)


async def _list_with_faults(client: ApiClient) -> Json:
    health: Json = (await client.get("/system/health"))["data"]
    return {**await _list(client), "configuration": health.get("configuration", {})}


async def _list(client: ApiClient) -> Json:
    return await client.get("/connectors")


async def _try(client: ApiClient, name: str) -> Json:
    """Let one try; that it does not run is an outcome like others."""
    try:
        found: Json = (await client.post(f"/connectors/{name}/check", {}))["data"]
    except DaemonAway:
        raise
    except click.ClickException as refused:
        return {"ok": False, "message": refused.message, "details": {}}
    return found


async def _switched_on(client: ApiClient) -> list[str]:
    return [row["name"] for row in (await _list(client))["data"] if row["enabled"]]
