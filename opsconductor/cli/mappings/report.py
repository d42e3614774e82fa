"""`opsconductor mappings report`: clears that end nothing, unmapped traps, alerts that merge or split."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn

from opsconductor.app.configuring.rehearsal import Request, rehearse
from opsconductor.app.connectors.types import installed_types
from opsconductor.app.mappings.report import MOST_EVENTS, TIME_LIMIT_S, Progress, ReportLimits, make_report
from opsconductor.cli.alerts.text import console
from opsconductor.cli.mappings.report_text import report_of
from opsconductor.cli.replay.text import as_json, as_text
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.settings import Settings
from opsconductor.mapping_report.proposal import Proposal
from opsconductor.mapping_report.report import MappingReport
from opsconductor.store.raw_events import Span


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True,
              help="Length of the span; a problem that is open for longer lasts too long.")  # fmt: skip
@click.option("--events", type=click.IntRange(1, 5_000_000), default=MOST_EVENTS, show_default=True,
              help="Messages of the archive to read at most, the newest ones.")  # fmt: skip
@click.option("--time-limit", type=click.FloatRange(1, 3_600), default=TIME_LIMIT_S, show_default=True,
              help="Seconds after which nothing more is read or replayed.")  # fmt: skip
@click.option("--preview", metavar="ID", help="Replay the whole span with this proposal applied.")
@click.option("--yaml", "wanted", metavar="ID", help="Print this proposal alone, for opsconductor apply.")
@click.option("--json", "is_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def report(
    config_file: Path | None,
    /,
    *,
    preview: str | None,
    wanted: str | None,
    is_json: bool,
    **limits: float,
) -> None:
    """Report on the mappings in force, with proposals; nothing is changed.

    It shows clears that ended nothing and problems that no clear has ended, traps that no mapping knows,
    alerts that merge several faults or split one, and notifications that regularly follow each other. It
    reads the newest messages of the archive, the alerts, and what the daemon has counted.

    Each proposal has an ID. Review it, then apply it with opsconductor apply.

    \b
    Examples:
      opsconductor mappings report
      opsconductor mappings report --days 30 --time-limit 300
      opsconductor mappings report --preview 3fa92c
      opsconductor mappings report --yaml 3fa92c | opsconductor apply -
    """  # noqa: D301 - click needs the character itself
    if preview and wanted:
        raise click.UsageError("--preview and --yaml exclude each other")
    with errors_shown():
        settings = load_settings(config_file)
        found = _made(settings, limits)
        if wanted:
            click.echo(_proposal(found.proposals, wanted).text, nl=False)
        elif preview:
            _preview(settings, found, _proposal(found.proposals, preview), is_json=is_json)
        elif is_json:
            echo_json(found.document())
        else:
            console().print(report_of(found))


def _made(settings: Settings, limits: dict[str, float]) -> MappingReport:
    how = ReportLimits(
        days=int(limits["days"]), events=int(limits["events"]), time_limit_s=limits["time_limit"]
    )
    with _progress() as progress:
        return asyncio.run(make_report(settings, how, progress))


def _proposal(proposals: Sequence[Proposal], wanted: str) -> Proposal:
    for each in proposals:
        if each.id == wanted:
            return each
    known = ", ".join(each.id for each in proposals) or "none"
    raise click.ClickException(f"there is no proposal {wanted} now; there are: {known}")


def _preview(settings: Settings, found: MappingReport, proposal: Proposal, *, is_json: bool) -> None:
    """Replay the span of the report with a proposal applied, and show it as `opsconductor replay` does."""
    end = datetime.now(UTC)
    begin = max(found.archive.begin or end - timedelta(hours=1), found.since)
    with TemporaryDirectory(prefix="opsconductor-proposal-") as folder:
        file = Path(folder) / f"proposal-{proposal.id}.yaml"
        file.write_text(proposal.text, encoding="utf-8")
        provision = read_provision([file], installed_types())
        request = Request(span=Span(begin=begin, end=end), provision=provision)
        rehearsal = asyncio.run(rehearse(settings, request, lambda _until: None))
    if is_json:
        echo_json(as_json(request, rehearsal))
    else:
        console().print(as_text(request, rehearsal))


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show on a terminal how many messages were read."""
    terminal = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("reading the archive")
        yield lambda number: bar.update(task, description=f"read {number:,} messages")
