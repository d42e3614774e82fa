"""`opsconductor rules test`: what rules would have sent for the events that were really received."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from opsconductor.app.connectors.types import installed_types
from opsconductor.app.rule_test.document import document_of
from opsconductor.app.rule_test.testing import Report, RuleTestProgress, RuleTestRequest, run_rule_test
from opsconductor.cli.alerts.text import console
from opsconductor.cli.rules.outcome_text import as_text
from opsconductor.cli.terminal.moment import Moment, shown
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.provision.provision import STANDARD_INPUT, read_provision

SILENT = 3
"""Exit status with `--exit-code` if a fault that was notified would not be notified."""


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--last", "begin", type=Moment(), default="1d", show_default=True, help="How far back, or since when."
)
@click.option("--to", "end", type=Moment(), default="now", show_default=True, help="End of the time.")
@click.option("--alone", "is_alone", is_flag=True, help="Leave out the rules that are not in FILE.")
@click.option(
    "--exit-code", "is_strict", is_flag=True, help="Exit with 3 if a fault would no longer be notified."
)
@click.option("--json", "is_json", is_flag=True, help="Print the whole result as JSON.")
@click.pass_obj
def test(
    config_file: Path | None,
    /,
    files: tuple[Path, ...],
    begin: datetime,
    end: datetime,
    *,
    is_alone: bool,
    **wanted: bool,
) -> None:
    """Show what the rules of FILE would have sent, beside what was sent.

    What was received is processed again with the rules of FILE (as for apply; `-` is standard input) on top
    of the present configuration, without FILE with the present one alone. Acknowledgements and other commands
    of operators are repeated. Nothing is changed and nothing is sent.

    The test reaches back as far as the raw event archive (retention.raw_events_days); messages that were sent
    before that are not counted, and the result says so.

    Exit status: 0; 2 if FILE has faults; with --exit-code 3 if a fault that was notified would not be
    notified.

    \b
    Examples:
      opsconductor rules test rules.yaml --last 30d
      opsconductor rules test --alone rules.yaml --last 7d --json | jq .silent
      sed s/major/critical/ rules.yaml | opsconductor rules test - --last 2h --exit-code
    """  # noqa: D301 - click needs the character itself
    if begin >= end:
        raise click.UsageError(f"--last {shown(begin)} is not before --to {shown(end)}")
    if is_alone and not files:
        raise click.UsageError("--alone needs a FILE")
    with errors_shown():
        settings = load_settings(config_file)
        paths = [STANDARD_INPUT if path == Path("-") else path for path in files]
        provision = read_provision(paths, installed_types()) if paths else None
        request = RuleTestRequest(begin=begin, end=end, provision=provision, is_alone=is_alone)
        with _progress() as report:
            outcome = asyncio.run(run_rule_test(settings, request, report))
    document = document_of(request, outcome)
    if wanted["is_json"]:
        echo_json(document)
    else:
        console().print(as_text(document))
    if wanted["is_strict"] and outcome.real.silent_total:
        raise click.exceptions.Exit(SILENT)


@contextmanager
def _progress() -> Iterator[Report]:
    """Show on a terminal how far the test is."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    terminal = Console(stderr=True)
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task(f"testing {shown(datetime.now(UTC))}", total=1.0)

        def report(progress: RuleTestProgress) -> None:
            bar.update(task, completed=progress.share, description=f"testing {shown(progress.at)}")

        yield report
