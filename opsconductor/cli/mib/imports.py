"""`opsconductor mib import`: compile MIB files and store their facts."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from opsconductor.app.configuring.loading import shipped_facts
from opsconductor.app.mibs.library import Import, import_paths
from opsconductor.cli.alerts.text import console
from opsconductor.cli.mib.report import report_of
from opsconductor.cli.terminal.outcome import CHANGED, actor, echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.mib.compiler.compilation import Progress as Report
from opsconductor.mib.compiler.pool import PARSE_LIMIT_S
from opsconductor.mib.compiler.report import ImportOutcome, document_of
from opsconductor.model.text import printable
from opsconductor.store.postgres.database import open_database

FAILED = 1
LONGEST_NAME = 40


@click.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Compile and report, and store nothing.")
@click.option(
    "--workers",
    type=click.IntRange(1, 8),
    help="Processes that parse; default: as many as there are processors, two at most.",
)
@click.option(
    "--time-limit",
    "limit_s",
    type=click.IntRange(1, 3600),
    default=PARSE_LIMIT_S,
    show_default=True,
    help="Seconds that one file may take.",
)
@click.option(
    "--all", "is_all", is_flag=True, help="Show every module that is incomplete, and every version."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def import_(config_file: Path | None, /, paths: tuple[Path, ...], **options: object) -> None:
    """Compile MIB modules from PATHS and store their facts in the database.

    PATHS are files, folders, zip and tar archives, in any order: modules may need each other. A module that
    misses others is kept in part, and completed when those are imported later. Of several versions of a
    module the one with the newest LAST-UPDATED counts.

    Exit status: 0 everything was imported, whole or in part; 1 a file failed, the others were imported.

    \b
    Examples:
      opsconductor mib import ACME-FAN-MIB.txt
      opsconductor mib import /usr/share/snmp/mibs vendor.zip
      opsconductor mib import --dry-run --json vendor.zip | jq .incomplete
    """  # noqa: D301 - click needs the character itself
    workers, limit_s = options["workers"] or 0, options["limit_s"]
    assert isinstance(workers, int)
    assert isinstance(limit_s, int)
    is_rehearsal, is_all = bool(options["dry_run"]), bool(options["is_all"])
    how = Import(actor=actor(), workers=workers, limit_s=limit_s, is_rehearsal=is_rehearsal)
    with errors_shown(), shown_progress() as report:
        outcome = asyncio.run(_import(load_settings(config_file), paths, how, report))
    if options["as_json"]:
        echo_json(document_of(outcome))
    else:
        console().print(report_of(outcome, is_rehearsal=is_rehearsal, is_all=is_all))
        if outcome.changed:
            click.echo(CHANGED)
    if outcome.compilation.failed:
        raise click.exceptions.Exit(FAILED)


async def _import(settings: Settings, paths: tuple[Path, ...], how: Import, report: Report) -> ImportOutcome:
    async with open_database(settings) as pool:
        facts = await asyncio.to_thread(shipped_facts, settings.data_dir)
        return await import_paths(pool, paths, replace(how, shipped=facts), report)


@contextmanager
def shown_progress() -> Iterator[Report]:
    """Show on a terminal how many files are compiled, and which one was last."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    terminal = Console(stderr=True)
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("compiling", total=None)

        def report(done: int, total: int, name: str) -> None:
            short = printable(name)[-LONGEST_NAME:]
            bar.update(task, completed=done, total=total, description=short if done < total else "linking")

        yield report
