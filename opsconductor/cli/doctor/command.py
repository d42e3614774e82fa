"""`opsconductor doctor`: diagnosis of the daemon, with remedies."""

import asyncio
import json
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from opsconductor.cli.alerts.text import Json, console
from opsconductor.cli.doctor.text import page_of
from opsconductor.cli.terminal.api_client import ApiClient, ApiTarget, DaemonAway, open_client, url_of
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.selfcheck.doctor.offline import examine_offline
from opsconductor.store.access.local_token import read_local_token

UNHEALTHY = 1


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def doctor(config_file: Path | None, *, as_json: bool) -> None:
    """Examine the daemon and everything it depends on, and show the loss ledger of the last hour.

    Works without the daemon or the database too, and then shows what can be seen. Exit status: 0 healthy,
    possibly with warnings; 1 something is bad; 2 the settings are faulty.
    """
    with errors_shown():
        settings = load_settings(config_file)
    report = asyncio.run(_examine(settings))
    if as_json:
        echo_json(report)
    else:
        _show(report, console())
    if report["verdict"] == "bad":
        raise click.exceptions.Exit(UNHEALTHY)


def _show(report: Json, out: Console) -> None:
    out.print(page_of(report), soft_wrap=not out.is_terminal)


async def _examine(settings: Settings) -> Json:
    """Return the daemon's report, or a local one if it does not answer."""
    token = read_local_token(settings.data_dir)
    url = url_of(settings.api)
    if token is None:
        why = f"no API key: {settings.data_dir / 'cli.token'} does not exist or is not readable"
        return await _offline(settings, why)
    try:
        async with open_client(
            ApiTarget(url=url, token=token, certificate=settings.api.tls_certificate)
        ) as client:
            return await _ask(client)
    except DaemonAway as away:
        return await _offline(settings, away.message.partition(". Is the daemon")[0])


async def _ask(client: ApiClient) -> Json:
    report: Json = (await client.get("/system/doctor"))["data"]
    return report


async def _offline(settings: Settings, why: str) -> Json:
    report = await examine_offline(settings, why)
    # through JSON, so that local and remote reports look the same
    written: Json = json.loads(json.dumps(report.document(), default=_json_of))
    return written


def _json_of(value: object) -> str:
    """Format times as the API does."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
