"""`opsconductor mib mappings`: what is derived from each notification."""

import asyncio
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import click

from opsconductor.app.mibs.derivation import known_mappings
from opsconductor.app.mibs.library import Import, derive_from_paths
from opsconductor.cli.facts import known_facts
from opsconductor.cli.mib.imports import shown_progress
from opsconductor.cli.terminal.outcome import actor, echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.derive.modules import severity_text
from opsconductor.mib.lookup import MibFacts
from opsconductor.store.postgres.database import open_database

COLUMNS = (
    "vendor", "module", "notification", "oid", "role", "severity", "category", "clears", "resource",
    "confidence", "reasons",
)  # fmt: skip


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--shipped", "is_shipped", is_flag=True, help="Only notifications that ship; without a database."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("tsv", "json")),
    default="tsv",
    show_default=True,
    help="Tab-separated values with a head line, or JSON.",
)
@click.pass_obj
def mappings(config_file: Path | None, paths: tuple[Path, ...], *, is_shipped: bool, form: str) -> None:
    """Show for each notification the mapping that is derived from it, with reasons and confidence.

    With PATHS (files, folders, archives): for the notifications in them, whose descriptions are read as well;
    nothing is stored. Without: for all that ship and all that were imported.

    The severity of a notification that raises and clears is `raised|object=clear values`. A resource is the
    value of objects, or `object(index)` for the row, or `device`.

    \b
    Examples:
      opsconductor mib mappings ACME-FAN-MIB.txt
      opsconductor mib mappings --shipped | grep BGP4
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        found = _derived(config_file, paths, is_shipped=is_shipped)
    rows = [row_of(mapping) for mapping in found]
    if form == "json":
        echo_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    else:
        click.echo("\n".join("\t".join(row) for row in (COLUMNS, *rows)))


def row_of(mapping: DerivedMapping) -> tuple[str, ...]:
    """Return the columns of a mapping as texts, in the order of `COLUMNS`."""
    fact = mapping.notification
    reasons = "; ".join(f"{reason.rule}: {reason.detail}" for reason in mapping.reasons)
    return (
        fact.vendor,
        fact.module,
        fact.name,
        fact.oid,
        mapping.role,
        severity_text(mapping),
        mapping.category.value,
        ",".join(mapping.clears),
        ",".join(mapping.resource) or "device",
        f"{mapping.confidence:.2f}",
        reasons,
    )


def _derived(
    config_file: Path | None, paths: tuple[Path, ...], *, is_shipped: bool
) -> Iterable[DerivedMapping]:
    facts = known_facts(config_file)
    if paths:
        with shown_progress() as report:
            return asyncio.run(derive_from_paths(paths, Import(actor=actor(), shipped=facts), report))
    settings = None if is_shipped else load_settings(config_file)
    return asyncio.run(_known(settings, facts))


async def _known(settings: Settings | None, facts: MibFacts) -> Iterable[DerivedMapping]:
    async with open_database(settings) if settings else nullcontext() as pool:
        return await known_mappings(pool, facts)
