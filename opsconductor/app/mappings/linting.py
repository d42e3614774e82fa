"""Lint of mappings where they stand: in files, packs, the database and the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from connectors.snmp_trap.alarm_entries import ALARMS
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.packs import read_pack_files
from opsconductor.config.provision.rows import Item, ProvisionTable, name_of
from opsconductor.config.provision.yaml_reading import key_text
from opsconductor.errors import Fault
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.derived_mappings import is_active, mapping_of_derived
from opsconductor.mib.lint.finding import LintFinding, LintLevel, RowPath
from opsconductor.mib.lint.lint import lint
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.shipped import shipped

DATABASE = "database"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFinding:
    """A finding of the linter with its place.

    Attributes:
        file: Path of the file; `database`: a row that no file of this run declares.
        line: Counted from 1; None: not known.
        key: Path of the value, or the mapping.
        rule: Name of the check.
        value: What is written there.
        found: What is wrong.
        remedy: What to do.
    """

    file: str
    line: int | None
    key: str
    level: LintLevel
    rule: str
    value: str
    found: str
    remedy: str

    def __str__(self) -> str:
        found = f"{self.value}: {self.found}" if self.value else self.found
        fault = Fault(file=self.file, line=self.line, key=self.key, found=found, expected=self.remedy)
        return f"{self.level}: {fault}"

    def document(self) -> Mapping[str, object]:
        """Return the finding JSON-ready."""
        return asdict(self)


def lint_items(
    items: Iterable[Item], facts: MibFacts, beside: Sequence[OidMapping], origin: Origin = Origin.OWN
) -> list[PlacedFinding]:
    """Examine the mappings that files declare.

    Args:
        beside: Mappings that are in force as well.
    """
    declared = [item for item in items if item.table is ProvisionTable.OID_MAPPINGS]
    mappings = [mapping_of(item.row, origin) for item in declared]
    found = lint(mappings, facts, beside=beside, alarms=ALARMS)
    return [_in_file(each, declared[each.position]) for each in found]


def _in_file(finding: LintFinding, item: Item) -> PlacedFinding:
    path = (*item.at, *finding.path)
    line = item.document.line_of(path)
    return _placed(finding, (item.document.file, line), key_text(path))


def lint_present(
    rows: Iterable[Present], facts: MibFacts, beside: Sequence[OidMapping]
) -> list[PlacedFinding]:
    """Examine the mappings of the database."""
    present = [row for row in rows if row.table is ProvisionTable.OID_MAPPINGS]
    found = lint([mapping_of(row.row, Origin.OWN) for row in present], facts, beside=beside, alarms=ALARMS)
    return [_in_database(each, present[each.position]) for each in found]


def _in_database(finding: LintFinding, row: Present) -> PlacedFinding:
    where = f"{DATABASE} (from {row.origin})" if row.origin else DATABASE
    return _placed(finding, (where, None), _key(name_of(row.table, row.key), finding.path))


def lint_packs(facts: MibFacts, folder: Path | None = None) -> list[PlacedFinding]:
    """Examine the packs that ship; blocks for seconds.

    Raises:
        ConfigError: A pack is damaged.
    """
    files = sorted((folder or shipped("mibs") / "packs").glob("*.yaml"))
    return lint_items(read_pack_files(files), facts, (), Origin.PACK)


def lint_derived(facts: MibFacts, beside: Sequence[OidMapping] = ()) -> list[PlacedFinding]:
    """Examine what the catalogue derives of notifications."""
    every = (mapping for index in facts.indexes for mapping in index.mappings())
    derived = [mapping for mapping in every if is_active(mapping)]
    cleared_by = {
        (each.notification.module, name): each.notification.oid for each in derived for name in each.clears
    }
    mappings = [
        replace(
            mapping_of_derived(each, facts),
            clear_oid_pattern=cleared_by.get((each.notification.module, each.notification.name)),
        )
        for each in derived
    ]
    found = lint(mappings, facts, beside=beside, alarms=ALARMS)
    return [_in_catalogue(each, derived[each.position]) for each in found]


def _in_catalogue(finding: LintFinding, derived: DerivedMapping) -> PlacedFinding:
    fact = derived.notification
    file = f"mibs/catalogue/{fact.vendor or 'standard'}.tsv"
    return _placed(finding, (file, None), _key(f"{fact.module}::{fact.name}", finding.path))


def _key(row: str, path: RowPath) -> str:
    return f"{row} {key_text(path)}" if path else row


def _placed(finding: LintFinding, place: tuple[str, int | None], key: str) -> PlacedFinding:
    return PlacedFinding(
        file=place[0],
        line=place[1],
        key=key,
        level=finding.level,
        rule=finding.rule,
        value=finding.value,
        found=finding.found,
        remedy=finding.remedy,
    )
