"""Computation of a plan from declared rows, present rows and the vault."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from opsconductor.config.provision.broken import broken_faults
from opsconductor.config.provision.crosscheck import channel_faults
from opsconductor.config.provision.diff import Present, RowChange, Verb, diff
from opsconductor.config.provision.people_faults import people_faults
from opsconductor.config.provision.provision import Provision
from opsconductor.config.provision.rows import ConnectorTypes, Item, Key, ProvisionTable, Row
from opsconductor.config.provision.sealing import PREFIX, masked_row, sealed_row, vault_references
from opsconductor.config.provision.short_channels import with_names
from opsconductor.config.provision.take_over import (
    RowId,
    TakeOver,
    deleted_faults,
    remarks_on,
    taken_back,
    without_taken_over,
)
from opsconductor.config.provision.workable import DeclaredNames, reach_faults, remarks
from opsconductor.config.provision.yaml_reading import key_text
from opsconductor.config.secrets import VAULT_REFERENCE, references_in
from opsconductor.config.vault import Vault
from opsconductor.errors import ConfigError, Fault, SecretError


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionPlan:
    """Everything that applying a set of files does.

    Attributes:
        declared: Number of declared rows.
        secrets: Encrypted secrets to store, by their name in the vault.
        dropped_secrets: Names in the vault to which no connector refers any more.
        remarks: Probable mistakes, one line each; see `config.workable`.
        missing_secrets: Names that declared connectors refer to and that are missing in the vault, each with
            the place of the first reference.
        taken_over: Files by row that belongs to the database from now on, although they declare it.
        taken_back: Rows that belong to files again.
    """

    changes: tuple[RowChange, ...]
    declared: int
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    dropped_secrets: tuple[str, ...] = ()
    missing_secrets: Mapping[str, Fault] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    taken_over: Mapping[RowId, str] = field(default_factory=dict)
    taken_back: frozenset[RowId] = frozenset()

    def count(self, verb: Verb) -> int:
        """Return the number of rows with this verb."""
        return sum(change.verb is verb for change in self.changes)

    @property
    def summary(self) -> str:
        """The plan in one line."""
        added, changed, deleted = map(self.count, Verb)
        same = self.declared - added - changed
        return f"{added} added, {changed} changed, {deleted} deleted, {same} unchanged"


def make_plan(
    provision: Provision,
    present: Sequence[Present],
    vault: Vault,
    *,
    installed: ConnectorTypes,
    prune: bool,
    taken: Sequence[TakeOver] = (),
) -> ProvisionPlan:
    """Compute the plan without I/O.

    Args:
        prune: Delete rows that came from files and are no longer declared.
        taken: The rows that people have taken over from files: they are left alone, or taken back.

    Raises:
        ConfigError: A declared row conflicts with the database, or a row there would refer to nothing.
    """
    back = taken_back(provision, taken)
    provision, left = without_taken_over(provision, taken)
    named, unnamed = with_names(provision.items, _other_connectors(provision, present, prune=prune))
    items, secrets = _sealed(named, installed)
    renewed = {name: text for name, text in secrets.items() if not _holds(vault, name, text)}
    renewed_fields = _renewed_fields(items, renewed)
    visible = _visible(present, back, installed)
    changes = diff(visible, items, prune=prune, deleted=provision.deleted, renewed=renewed_fields)
    staying = _staying(present, items, changes)
    types = {row.row["name"]: row.row["type"] for row in staying if row.table is ProvisionTable.CONNECTORS}
    known = DeclaredNames(rows=[(row.table, row.row) for row in staying])
    if faults := [
        *unnamed,
        *channel_faults(items, installed, types),
        *reach_faults(items, installed, known),
        *people_faults(items, installed, known, is_whole=True),
        *_address_faults(items, staying),
        *broken_faults(present, staying, items, installed),
    ]:
        raise ConfigError([*faults, *deleted_faults(left, taken, present)])
    return ProvisionPlan(
        changes=changes,
        declared=len(items),
        secrets={name: vault.seal(name, text) for name, text in renewed.items()},
        dropped_secrets=_dropped(changes, [*items, *staying], vault),
        missing_secrets=_missing(items, secrets, vault),
        remarks=(*remarks(items, known), *remarks_on(left, taken)),
        taken_back=frozenset(back),
    )


def _other_connectors(provision: Provision, present: Sequence[Present], *, prune: bool) -> list[Row]:
    """Return the connectors that stay and that no file declares."""
    declared = {item.key for item in provision.items if item.table is ProvisionTable.CONNECTORS}
    return [
        row.row
        for row in present
        if row.table is ProvisionTable.CONNECTORS
        and row.key not in declared
        and (row.table, row.key) not in provision.deleted
        and not (prune and row.origin is not None)
    ]


def _visible(
    present: Sequence[Present], back: Mapping[RowId, str], installed: ConnectorTypes
) -> list[Present]:
    """Return the present rows with masked secrets, and with the files that they are taken back to."""
    return [
        replace(
            row,
            row=masked_row(row.table, row.row, installed),
            taken_over_from=back.get((row.table, row.key)),
        )
        for row in present
    ]


def _sealed(items: Sequence[Item], installed: ConnectorTypes) -> tuple[list[Item], dict[str, str]]:
    """Replace plain secrets in all connectors by references; return the secrets by name in the vault too."""
    rows: list[Item] = []
    secrets: dict[str, str] = {}
    for item in items:
        if item.table is ProvisionTable.CONNECTORS:
            row, found = sealed_row(item.row, installed)
            rows.append(replace(item, row=row))
            secrets |= found
        else:
            rows.append(item)
    return rows, secrets


def _holds(vault: Vault, name: str, text: str) -> bool:
    try:
        return name in vault and vault.open(name) == text
    except SecretError:  # damaged: written anew
        return False


def _renewed_fields(items: Sequence[Item], renewed: Mapping[str, str]) -> Mapping[Key, list[str]]:
    """Return the fields whose secret changes, by key of their connector."""
    fields: dict[Key, list[str]] = {}
    for item in items:
        if item.table is ProvisionTable.CONNECTORS:
            for path, text in references_in(item.row["config"], ("config",)):
                if text.removeprefix("vault:") in renewed:
                    fields.setdefault(item.key, []).append(key_text(path))
    return fields


def _staying(
    present: Sequence[Present], items: Sequence[Item], changes: Sequence[RowChange]
) -> list[Present]:
    """Return the rows that remain and that no file declares."""
    handled = {(item.table, item.key) for item in items} | {(change.table, change.key) for change in changes}
    return [row for row in present if (row.table, row.key) not in handled]


def _address_faults(items: Sequence[Item], staying: Sequence[Present]) -> Iterator[Fault]:
    """Return faults for addresses that a declared device claims and another device in the database has."""
    owners = {
        address: row.row["name"]
        for row in staying
        if row.table is ProvisionTable.DEVICES and not row.is_found
        for address in filter(None, (row.row["ip_address"], *row.row["addresses"]))
    }
    for item in items:
        if item.table is ProvisionTable.DEVICES:
            for address in (item.row["ip_address"], *item.row["addresses"]):
                if address in owners:
                    expected = f"an address of no other device ({owners[address]} in the database)"
                    yield item.document.fault((*item.at, "addresses"), f'"{address}"', expected)


def _dropped(changes: Sequence[RowChange], after: Sequence[Item | Present], vault: Vault) -> tuple[str, ...]:
    """Return names of the vault that no connector uses after the changes."""
    touched = tuple(
        f"{PREFIX}{change.row['name']}/"
        for change in changes
        if change.table is ProvisionTable.CONNECTORS and change.verb is not Verb.ADD
    )
    needed = set(vault_references(row.row for row in after if row.table is ProvisionTable.CONNECTORS))
    return tuple(name for name in vault.names if name.startswith(touched) and name not in needed)


def _missing(items: Sequence[Item], secrets: Mapping[str, str], vault: Vault) -> Mapping[str, Fault]:
    missing: dict[str, Fault] = {}
    for item in items:
        if item.table is not ProvisionTable.CONNECTORS:
            continue
        for path, text in references_in(item.row["config"]):
            match = VAULT_REFERENCE.fullmatch(text)
            if match and match["name"] not in vault and match["name"] not in secrets:
                found = f"{text}, which the vault does not hold"
                expected = f"a stored secret: opsconductor credential set {match['name']}"
                fault = item.document.fault((*item.at, "config", *path), found, expected)
                missing.setdefault(match["name"], fault)
    return missing
