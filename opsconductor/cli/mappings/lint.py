"""`opsconductor mappings lint`: find mappings that cannot do what they are meant for."""

from collections.abc import Sequence
from pathlib import Path

import click

from opsconductor.app.configuring.loading import pack_mapping_of, read_pack_mappings
from opsconductor.app.connectors.types import installed_types
from opsconductor.app.mappings.linting import (
    PlacedFinding,
    lint_derived,
    lint_items,
    lint_packs,
    lint_present,
)
from opsconductor.cli.facts import index_dir, known_facts
from opsconductor.cli.mappings.known import KnownMappings, read_known
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.config.provision.packs import read_pack_files
from opsconductor.config.provision.provision import STANDARD_INPUT, find_files, read_provision
from opsconductor.config.provision.rows import Item
from opsconductor.mib.derived_mappings import is_active
from opsconductor.mib.lint.finding import LintLevel
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.model.text import printable
from opsconductor.shipped import shipped

ERRORS = 1


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--shipped", "is_shipped", is_flag=True, help="The packs and derived mappings that ship.")
@click.option("--offline", "is_offline", is_flag=True, help="Do not read the database.")
@click.option("--strict", "is_strict", is_flag=True, help="Exit with status 1 for warnings too.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_obj
def lint(
    config_file: Path | None,
    files: tuple[Path, ...],
    *,
    is_shipped: bool,
    is_offline: bool,
    is_strict: bool,
    as_json: bool,
) -> None:
    """Examine the mappings of FILES for what cannot work; without FILES those of the database.

    It finds problems that nothing ends, clears that end nothing or are about another resource, names that
    no MIB knows, variables that the notification does not carry, values that an enumeration lacks, and
    conditions and cases that are never reached. MIB modules that were imported are known if the database can
    be read.

    Exit status: 0 nothing or warnings only, 1 errors, 2 a file cannot be read.

    \b
    Examples:
      opsconductor mappings lint noc.yaml
      opsconductor mappings lint --json | jq '.[] | select(.level == "error")'
      opsconductor mappings lint --shipped
    """  # noqa: D301 - click needs the character itself
    if is_shipped and files:
        raise click.UsageError("--shipped examines what ships: name no FILES")
    with errors_shown():
        found, amount = (
            _shipped(config_file) if is_shipped else _declared(config_file, files, is_offline=is_offline)
        )
    if as_json:
        echo_json([each.document() for each in found])
    else:
        _show(found, amount)
    if any(is_strict or each.level is LintLevel.ERROR for each in found):
        raise click.exceptions.Exit(ERRORS)


def _shipped(config_file: Path | None) -> tuple[list[PlacedFinding], str]:
    facts = known_facts(config_file)
    packs = read_pack_mappings(index_dir(config_file))
    derived = sum(is_active(each) for index in facts.indexes for each in index.mappings())
    found = [*lint_packs(facts), *lint_derived(facts)]
    return found, f"{len(packs):,} mappings of packs and {derived:,} derived ones"


def _declared(
    config_file: Path | None, files: Sequence[Path], *, is_offline: bool
) -> tuple[list[PlacedFinding], str]:
    if not files:
        known = read_known(config_file, is_offline=is_offline)
        if known.rows is None:
            raise click.UsageError(f"no database to examine ({known.without}): name FILES, or use --shipped")
        packs = read_pack_mappings(index_dir(config_file))
        return lint_present(known.rows, known.facts, packs), f"{len(known.rows):,} mappings of the database"
    paths = [STANDARD_INPUT if path == Path("-") else path for path in files]
    items = read_provision(paths, installed_types()).items
    known = read_known(config_file, is_offline=is_offline)
    if known.rows is None and not is_offline:
        click.echo(printable(f"! without the database, so without imported MIBs: {known.without}"), err=True)
    beside = [*_other_rows(known, items), *_other_packs(config_file, paths)]
    found = lint_items(items, known.facts, beside)
    return found, f"{len(items):,} rows of {len(files):,} files"


def _other_rows(known: KnownMappings, items: Sequence[Item]) -> list[OidMapping]:
    """Return the mappings of the database that the files do not declare."""
    declared = {(item.table, item.key) for item in items}
    rows = (row for row in known.rows or () if (row.table, row.key) not in declared)
    return [mapping_of(row.row, Origin.OWN) for row in rows]


def _other_packs(config_file: Path | None, paths: Sequence[Path]) -> Sequence[OidMapping]:
    """Return the mappings of the packs that ship, without packs that are examined themselves."""
    folder = shipped("mibs") / "packs"
    packs, examined = find_files([folder])[0], {path.resolve() for path in find_files(paths)[0]}
    others = [path for path in packs if path.resolve() not in examined]
    if len(others) == len(packs):
        return read_pack_mappings(index_dir(config_file))
    return [pack_mapping_of(item.row) for item in read_pack_files(others)]


def _show(found: Sequence[PlacedFinding], amount: str) -> None:
    for each in found:
        colour = "red" if each.level is LintLevel.ERROR else "yellow"
        click.secho(printable(str(each)), fg=colour)
    errors = sum(each.level is LintLevel.ERROR for each in found)
    click.echo(f"{amount}: {errors} errors, {len(found) - errors} warnings")
