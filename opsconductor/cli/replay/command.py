"""`opsconductor replay`: run a configuration over what was really received."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from opsconductor.app.configuring.rehearsal import Progress as Report
from opsconductor.app.configuring.rehearsal import Request, rehearse
from opsconductor.app.connectors.types import installed_types
from opsconductor.cli.alerts.text import console
from opsconductor.cli.replay.text import as_json, as_text
from opsconductor.cli.terminal.moment import Moment, shown
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.provision.provision import STANDARD_INPUT, read_provision
from opsconductor.store.raw_events import Span


@click.command()
@click.option("--from", "begin", type=Moment(), default="1h", show_default=True, help="Start of the range.")
@click.option("--to", "end", type=Moment(), default="now", show_default=True, help="End of the range.")
@click.option("--device", help="Show only alerts of this device (address or name); everything is replayed.")
@click.option("--connector", "connectors", multiple=True, help="Replay only events of this connector.")
@click.option(
    "--provision",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="Try with this file (or folder) applied, without applying it.",
)
@click.option("--json", "is_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def replay(
    config_file: Path | None,
    /,
    begin: datetime,
    end: datetime,
    *,
    files: tuple[Path, ...],
    is_json: bool,
    **wanted: object,
) -> None:
    """Run the current configuration over what was really received.

    Raw events of the archive are processed again with the current mappings, inventory and rules, and the
    result is shown beside what happened. Nothing is changed and nothing is sent.

    Times are ISO 8601, a time of today (14:30) or how long ago (2h, 1d); they are local unless they have an
    offset. The replay starts without open alerts.

    \b
    Examples:
      opsconductor replay --from 2h
      opsconductor replay --from 2026-03-01T08:00 --to 2026-03-01T12:00 --device 10.0.0.7
      opsconductor replay --from 1d --provision new-mappings.yaml
      opsconductor replay --from 1d --json | jq .unmapped
    """  # noqa: D301 - click needs the character itself
    if begin >= end:
        raise click.UsageError(f"--from {shown(begin)} is not before --to {shown(end)}")
    connectors, device = wanted["connectors"], wanted["device"]
    assert isinstance(connectors, tuple)
    assert device is None or isinstance(device, str)
    with errors_shown():
        settings = load_settings(config_file)
        paths = [STANDARD_INPUT if path == Path("-") else path for path in files]
        request = Request(
            span=Span(begin=begin, end=end, connectors=connectors),
            device=device,
            provision=read_provision(paths, installed_types()) if paths else None,
        )
        with _progress(begin, end) as report:
            rehearsal = asyncio.run(rehearse(settings, request, report))
    if is_json:
        echo_json(as_json(request, rehearsal))
    else:
        console().print(as_text(request, rehearsal))


@contextmanager
def _progress(begin: datetime, end: datetime) -> Iterator[Report]:
    """Show the progress of the replay on a terminal, as the time of the current event."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    terminal = Console(stderr=True)
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("replaying", total=(end - begin).total_seconds())

        def report(until: datetime) -> None:
            bar.update(task, completed=(until - begin).total_seconds(), description=shown(until))

        yield report
