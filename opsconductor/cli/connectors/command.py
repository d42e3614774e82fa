"""`opsconductor connectors`: status, check and creation of connectors."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from opsconductor.app.connectors.types import installed_types
from opsconductor.cli.alerts.text import Json, console, now
from opsconductor.cli.connectors.check_file import check_file
from opsconductor.cli.connectors.configuring import disable, enable, types
from opsconductor.cli.connectors.new import NameRefused, check_name, next_steps, write_skeleton
from opsconductor.cli.connectors.text import checks_of, connectors_of
from opsconductor.cli.rows.command import add_row_commands
from opsconductor.cli.rows.kinds import CONNECTOR
from opsconductor.cli.terminal.api_client import (
    ApiClient,
    DaemonAway,
    FindTarget,
    find_target,
    run,
    target_options,
)
from opsconductor.cli.terminal.outcome import echo_json, faults_of
from opsconductor.connector.interface import Role
from opsconductor.model.text import printable

BAD = 1
FILE_ENDINGS = (".yaml", ".yml")
"""Of an argument that names a provisioning file, not a connector."""


@click.group()
@target_options
@click.pass_context
def connectors(context: click.Context, url: str | None, token: str | None) -> None:
    """Show, check and create connectors."""
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)


@connectors.command()
@click.option("--json", "as_json", is_flag=True, help="Print the connectors as JSON.")
@click.pass_obj
def status(target: FindTarget, *, as_json: bool) -> None:
    """List every connector: its state, its last success, what it has received and rejected.

    Exit status: 0 if all enabled connectors are connected and the declared configuration is in force;
    1 if one is not, or if the configuration has faults, which are printed.

    \b
    Examples:
      opsconductor connectors status
      opsconductor connectors status --json | jq '.[] | select(.status == "error")'
    """  # noqa: D301 - click needs the character itself
    found = run(target(), _list_with_faults)
    assert found is not None
    rows, faults = found["data"], faults_of(found["configuration"])
    if as_json:
        echo_json(rows)
    else:
        console().print(connectors_of(rows, now(), is_faulty=bool(faults)))
    for fault in faults:
        click.echo(printable(fault), err=True)
    is_down = [row["enabled"] and row["status"] != "connected" and row["role"] != "channel" for row in rows]
    if faults or any(is_down):
        raise click.exceptions.Exit(BAD)


@connectors.command()
@click.argument("names", metavar="[NAME|FILE]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_obj
def check(target: FindTarget, names: Sequence[str], *, as_json: bool) -> None:
    """Check whether connectors would work ("Test connection"), without changing or sending anything.

    NAME is a configured connector, enabled or not; the daemon checks it. FILE is a provisioning file (its
    name ends in .yaml or .yml), applied or not: every connector in it is checked from here, without the
    daemon, with the secrets of this environment; the vault cannot be used. Without arguments all enabled
    connectors are checked.

    Exit status: 0 if all would work; 1 if one would not; 2 if a FILE has faults.

    \b
    Examples:
      opsconductor connectors check
      opsconductor connectors check prtg netbox
      PRTG_KEY=... opsconductor connectors check connectors/prtg/sample.yaml
    """  # noqa: D301 - click needs the character itself
    files = [Path(name) for name in names if name.endswith(FILE_ENDINGS)]
    known = [name for name in names if not name.endswith(FILE_ENDINGS)]
    found: Json = {}
    for file in files:
        found |= check_file(file)

    async def ask(client: ApiClient) -> Json:
        return {name: await _try(client, name) for name in known or await _enabled(client)}

    if known or not files:
        found |= run(target(), ask) or {}
    if as_json:
        echo_json(found)
    else:
        console().print(checks_of(found))
    if not all(check["ok"] for check in found.values()):
        raise click.exceptions.Exit(BAD)


@connectors.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.SOURCE.value,
    show_default=True,
    help="source: receives events; channel: sends notifications; inventory: lists devices.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Folder in which the package is made; default: the present one.",
)
def new(name: str, role: str, into: Path) -> None:
    """Write the package of a new connector type NAME: code, README.md, sample.yaml and a recorded case.

    The package works unchanged and passes its tests; docs/connectors.md explains its files. NAME is the
    type in provisioning files: lower-case letters, digits and underscores.

    \b
    Examples:
      opsconductor connectors new acme
      opsconductor connectors new acme_pager --role channel --into ~/src
      opsconductor connectors new acme_cmdb --role inventory
    """  # noqa: D301 - click needs the character itself
    try:
        check_name(name, frozenset(installed_types().known))
        folder = write_skeleton(name, Role(role), into)
    except NameRefused as refused:
        raise click.ClickException(str(refused)) from None
    except OSError as error:
        raise click.ClickException(f"{into}: {error.strerror}") from None
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            click.echo(path)
    click.echo("\nNext:")
    for line in next_steps(name, folder):
        click.echo(f"  {line}")


for _command in (types, enable, disable):
    connectors.add_command(_command)
add_row_commands(connectors, CONNECTOR)


async def _list_with_faults(client: ApiClient) -> Json:
    health: Json = (await client.get("/system/health"))["data"]
    return {**await _list(client), "configuration": health.get("configuration", {})}


async def _list(client: ApiClient) -> Json:
    return await client.get("/connectors")


async def _try(client: ApiClient, name: str) -> Json:
    """Check one connector through the daemon; a failed check is a result, not an error."""
    try:
        found: Json = (await client.post(f"/connectors/{name}/check", {}))["data"]
    except DaemonAway:
        raise
    except click.ClickException as refused:
        return {"ok": False, "message": refused.message, "details": {}}
    return found


async def _enabled(client: ApiClient) -> list[str]:
    return [row["name"] for row in (await _list(client))["data"] if row["enabled"]]
