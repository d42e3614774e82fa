"""`opsconductor reload`: reload the running daemon and report the outcome."""

from pathlib import Path

import click

from opsconductor.cli.alerts.text import Json
from opsconductor.cli.terminal.api_client import (
    RELOAD,
    ApiClient,
    ApiTarget,
    find_target,
    run,
    target_options,
)
from opsconductor.cli.terminal.outcome import FAULTY, fault_line
from opsconductor.model.text import printable

BAD = 1


@click.command()
@target_options
@click.pass_obj
def reload(config_file: Path | None, url: str | None, token: str | None) -> None:
    """Make the running daemon apply its provisioning files and use the database's configuration.

    Waits until that is done. Exit status: 0 all is in force and works; 1 nothing was changed because the
    daemon or its database does not answer, or a connector that was started does not work; 2 the files have
    faults, and nothing was changed. `systemctl reload opsconductor` runs this.

    \b
    Examples:
      opsconductor reload
      opsconductor reload && opsconductor connectors status
    """  # noqa: D301 - click needs the character itself
    reload_daemon(find_target(config_file, url, token))


def reload_daemon(target: ApiTarget) -> None:
    """Reload the daemon and print the outcome; exit with a status other than 0 if it failed."""
    found = run(target, _reload)
    assert found is not None
    show_outcome(found["data"])


def show_outcome(outcome: Json) -> None:
    """Print the outcome of a reload; exit with a status other than 0 if it failed."""
    for fault in outcome["faults"]:
        click.echo(printable(fault_line(fault)), err=True)
    for name, reason in outcome["failed"].items():
        click.echo(printable(f"connector {name} does not work: {reason}"), err=True)
    if outcome["error"]:
        click.echo(printable(f"nothing was changed: {outcome['error']}"), err=True)
    if outcome["faults"]:
        click.echo("nothing was changed: correct the faults and reload again", err=True)
        raise click.exceptions.Exit(FAULTY)
    if not outcome["ok"]:
        raise click.exceptions.Exit(BAD)
    click.echo("reloaded")


async def _reload(client: ApiClient) -> Json:
    return await client.post("/system/reload", {}, within=RELOAD)
