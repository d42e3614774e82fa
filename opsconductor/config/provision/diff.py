"""Changes needed to make the database match the files; pure, over plain values."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from opsconductor.config.provision.rows import Item, Key, ProvisionTable, Row, key_of


class Verb(StrEnum):
    """What happens to a row; the value is its sign in a diff."""

    ADD = "+"
    CHANGE = "~"
    DELETE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A row of the database.

    Attributes:
        origin: `provisioned_from`; None: created manually or by another program.
        is_found: An inventory has found it.
        id: Of the row; None: it is in no database.
        taken_over_from: The file that declared it before people took it over; None: none did.
    """

    table: ProvisionTable
    row: Row
    origin: str | None
    is_found: bool = False
    id: UUID | None = None
    taken_over_from: str | None = None

    @property
    def key(self) -> Key:
        """The columns that identify the row."""
        return key_of(self.table, self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One value of a row that changes; `name` is a path such as `config.port`."""

    name: str
    old: object
    new: object


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row to add, change or delete.

    Attributes:
        row: The new row; for a deletion the old one.
        origin: The new `provisioned_from`; for a deletion the old one; None: it is in no file.
        fields: The changed values, for a change.
        is_takeover: The row was created manually and belongs to the file from now on.
    """

    verb: Verb
    table: ProvisionTable
    key: Key
    row: Row = field(repr=False)
    origin: str | None
    fields: tuple[FieldChange, ...] = ()
    is_takeover: bool = False


def diff(
    present: Sequence[Present],
    declared: Sequence[Item],
    *,
    prune: bool,
    deleted: Collection[tuple[ProvisionTable, Key]] = (),
    renewed: Mapping[Key, Collection[str]] = {},
) -> tuple[RowChange, ...]:
    """Compare declared rows with those in the database.

    A manually created row that already matches the file is left alone: the file does not own it, and
    pruning never deletes it. One that an inventory has found becomes the file's, and so does one that people
    have taken over from a file.

    Args:
        prune: Delete rows that came from files and are no longer declared.
        deleted: Rows to delete wherever they came from.
        renewed: By key of a connector, fields whose secret in the vault changes.
    """
    existing = {(row.table, row.key): row for row in present}
    wanted = {(item.table, item.key) for item in declared}
    changes = [
        *_gone(existing, wanted, deleted, prune=prune),
        *(change for item in declared if (change := _change(item, existing, renewed)) is not None),
    ]
    order = list(ProvisionTable)
    return tuple(
        sorted(changes, key=lambda change: (order.index(change.table), change.verb is not Verb.DELETE))
    )


def _gone(
    existing: Mapping[tuple[ProvisionTable, Key], Present],
    wanted: Collection[tuple[ProvisionTable, Key]],
    deleted: Collection[tuple[ProvisionTable, Key]],
    *,
    prune: bool,
) -> Iterator[RowChange]:
    for (table, key), row in existing.items():
        is_pruned = prune and row.origin is not None and (table, key) not in wanted
        if is_pruned or (table, key) in deleted:
            yield RowChange(verb=Verb.DELETE, table=table, key=key, row=row.row, origin=row.origin)


def _change(
    item: Item, existing: Mapping[tuple[ProvisionTable, Key], Present], renewed: Mapping[Key, Collection[str]]
) -> RowChange | None:
    before = existing.get((item.table, item.key))
    if before is None:
        return RowChange(verb=Verb.ADD, table=item.table, key=item.key, row=item.row, origin=item.origin)
    secrets = renewed.get(item.key, ()) if item.table is ProvisionTable.CONNECTORS else ()
    fields = (
        *(_differences(before.row, item.row, "") if before.row != item.row else ()),
        *(FieldChange(name=name, old="(secret)", new="(another secret)") for name in secrets),
    )
    is_released = item.origin is None and before.origin is not None
    is_taken_back = before.taken_over_from is not None
    if not (fields or before.is_found or is_released or is_taken_back):
        return None
    return RowChange(
        verb=Verb.CHANGE,
        table=item.table,
        key=item.key,
        row=item.row,
        origin=item.origin,
        fields=fields,
        is_takeover=before.origin is None and item.origin is not None,
    )


def _differences(old: Mapping[str, object], new: Mapping[str, object], prefix: str) -> Iterator[FieldChange]:
    for key in dict.fromkeys([*new, *old]):
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _differences(before, after, f"{prefix}{key}.")
        elif before != after:
            yield FieldChange(name=f"{prefix}{key}", old=before, new=after)
