"""`opsconductor mib catalogue`: the catalogue that ships, from collections of MIB modules."""

import asyncio
from pathlib import Path

import click

from opsconductor.app.mibs.catalogue import Collection, MadeCatalogue, make_catalogue
from opsconductor.app.mibs.library import Import
from opsconductor.cli.mib.imports import shown_progress
from opsconductor.cli.terminal.outcome import actor, echo_json, errors_shown
from opsconductor.mib.compiler.pool import PARSE_LIMIT_S


@click.command()
@click.argument("sources", nargs=-1, required=True)
@click.option(
    "--into",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the files of the catalogue.",
)
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
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def catalogue(
    sources: tuple[str, ...], into: Path, workers: int | None, limit_s: int, *, as_json: bool
) -> None:
    """Make the files of the catalogue that ships from MIB modules: one for each vendor.

    SOURCES are files, folders and archives, each with a name for the remarks before it: NAME=PATH. Of several
    versions of a module the one with the newest LAST-UPDATED counts. Only modules that define notifications,
    and those that they import, are compiled. Modules that are in the files and not in SOURCES stay as they
    are, and so do the facts of standard.tsv. The same sources give the same files.

    This is for developers of OpsConductor; `opsconductor mib import` is for MIB modules of your own.

    \b
    Examples:
      opsconductor mib catalogue 'netdisco-mibs 4.056=netdisco-mibs' --into mibs/catalogue
      opsconductor mib catalogue 'Acme, 2026-05=ACME-FAN-MIB.txt' ACME-SMI.txt --into mibs/catalogue
    """  # noqa: D301 - click needs the character itself
    how = Import(actor=actor(), workers=workers or 0, limit_s=limit_s)
    with errors_shown(), shown_progress() as report:
        made = asyncio.run(make_catalogue([_collection(each) for each in sources], into, how, report))
    rows = _numbers(made)
    if as_json:
        echo_json({"failed": len(made.compilation.failed), "files": rows})
        return
    total = {key: sum(row[key] for row in rows.values()) for key in ("notifications", "objects", "mappings")}
    for name, row in rows.items():
        click.echo(f"{name}: {row['notifications']:,} notifications, {row['objects']:,} objects")
    click.echo(
        f"{len(rows):,} files in {into}: {total['notifications']:,} notifications, "
        f"{total['objects']:,} objects, {total['mappings']:,} derived mappings; "
        f"of {len(made.compilation.modules):,} modules, {len(made.compilation.failed):,} failed"
    )


def _collection(text: str) -> Collection:
    name, _, path = text.rpartition("=")
    return Collection(name or Path(path).name, Path(path))


def _numbers(made: MadeCatalogue) -> dict[str, dict[str, int]]:
    return {
        name: {
            "notifications": len(file.notifications),
            "objects": len(file.objects),
            "mappings": len(file.mappings),
        }
        for name, file in sorted(made.files.items())
    }
