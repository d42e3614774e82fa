"""`opsconductor apply`: apply what files declare to the database, after showing the changes."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from opsconductor.app.collector import spare_long_lived_objects
from opsconductor.app.connectors.types import installed_types
from opsconductor.cli.mappings.changed import lint_remarks
from opsconductor.cli.reload import reload_daemon
from opsconductor.cli.terminal.api_client import find_target
from opsconductor.cli.terminal.outcome import CHANGED, actor, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.provision.diff import FieldChange, RowChange, Verb
from opsconductor.config.provision.plan import ProvisionPlan
from opsconductor.config.provision.provision import STANDARD_INPUT, Provision, read_provision
from opsconductor.config.provision.rows import ProvisionTable, name_of
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key
from opsconductor.model.text import printable
from opsconductor.store.declared.provisioning import apply as apply_to_database
from opsconductor.store.declared.provisioning import preview
from opsconductor.store.postgres.database import open_database

COLOURS = {Verb.ADD: "green", Verb.CHANGE: "yellow", Verb.DELETE: "red"}
LONGEST_SHOWN = 80
MOST_ALIKE, SHOWN_ALIKE = 20, 5
"""If more rows of a table than the first number get the same verb, only the second number is shown."""


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--prune", is_flag=True, help="Delete rows that came from files and are in none of FILES.")
@click.option(
    "--take-back", is_flag=True, help="Change rows of FILES that were taken over, too; they are FILES' again."
)
@click.option("--reload", "is_reloading", is_flag=True, help="Reload the running daemon afterwards.")
@click.option("--all", "is_all", is_flag=True, help="Show every row that changes, however many.")
@click.pass_obj
def apply(config_file: Path | None, /, files: tuple[Path, ...], **given: bool) -> None:
    """Declare connectors, mappings, devices, dependencies and rules from FILES.

    A folder means the *.yaml files in it, - means standard input.

    All changes are applied in one transaction; if there is any fault, none is applied (exit status 2).
    Applying the same files again changes nothing. A running daemon uses the changes after a reload: at once
    with --reload, otherwise with 'opsconductor reload'.

    Rows that were taken over (by --take-over, or on the page) are left alone and named, unless --take-back is
    given.

    \b
    Examples:
      opsconductor apply --dry-run noc.yaml
      opsconductor apply --reload noc.yaml
      opsconductor apply --prune /etc/opsconductor/provision
      opsconductor apply --take-back --dry-run noc.yaml
    """  # noqa: D301 - click needs the character itself
    spare_long_lived_objects()
    dry_run, prune = given["dry_run"], given["prune"]
    paths = [STANDARD_INPUT if path == Path("-") else path for path in files]
    with errors_shown():
        provision = replace(read_provision(paths, installed_types()), is_taking_back=given["take_back"])
        if prune and not provision.items:
            raise click.UsageError(
                "nothing is declared: --prune would delete everything that came from files"
            )
        plan = asyncio.run(_carry_out(load_settings(config_file), provision, dry_run=dry_run, prune=prune))
        remarks = lint_remarks(config_file, provision, plan)
    screen = Console(highlight=False, markup=False, soft_wrap=True)
    show(plan, screen, dry_run=dry_run, is_all=given["is_all"])
    for remark in remarks:
        screen.print(f"! {printable(remark)}", style="yellow")
    if dry_run or not plan.changes:
        return
    if given["is_reloading"]:
        reload_daemon(find_target(config_file, None, None))
    else:
        screen.print(CHANGED, style="dim")


async def _carry_out(
    settings: Settings, provision: Provision, *, dry_run: bool, prune: bool
) -> ProvisionPlan:
    async with open_database(settings) as pool:
        key = find_key(settings.secrets, settings.data_dir)
        if dry_run:
            return await preview(pool, provision, installed_types(), key=key, prune=prune)
        return await apply_to_database(
            pool, provision, installed_types(), key=key, actor=actor(), prune=prune
        )


def show(plan: ProvisionPlan, console: Console, *, dry_run: bool, is_all: bool = False) -> None:
    """Print a plan: one line for each row that changes, similar ones summarized, then the totals."""
    for (table, verb), changes in _alike(plan.changes):
        shown = changes if is_all or len(changes) <= MOST_ALIKE else changes[:SHOWN_ALIKE]
        for change in shown:
            console.print(_line(change))
        if rest := len(changes) - len(shown):
            console.print(f"{verb} ... and {rest:,} more {table} (--all shows them)", style=COLOURS[verb])
    for remark in plan.remarks:
        console.print(f"! {printable(remark)}", style="yellow")
    for fault in plan.missing_secrets.values():
        console.print(f"! {printable(str(fault))}", style="yellow")
    if dry_run:
        console.print(f"{plan.summary} (dry run, nothing was changed)")
        return
    console.print(plan.summary)


def _alike(changes: Iterable[RowChange]) -> Iterable[tuple[tuple[ProvisionTable, Verb], list[RowChange]]]:
    """Group changes by table and verb, in order of first appearance."""
    groups: dict[tuple[ProvisionTable, Verb], list[RowChange]] = {}
    for change in changes:
        groups.setdefault((change.table, change.verb), []).append(change)
    return groups.items()


def _line(change: RowChange) -> Text:
    line = Text(f"{change.verb} {printable(name_of(change.table, change.key))}", style=COLOURS[change.verb])
    if change.fields:
        line.append(": " + "; ".join(_field(field) for field in change.fields), style="default")
    if change.is_takeover:
        line.append(f" (was made by hand, now from {printable(change.origin or '')})", style="dim")
    return line


def _field(change: FieldChange) -> str:
    return f"{change.name} {_value(change.old)} -> {_value(change.new)}"


def _value(value: object) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    text = printable(text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
