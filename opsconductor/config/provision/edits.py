"""Changes of single declared rows as an API has them, made into what a file would declare."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path as FilePath

from opsconductor.config.faults import shown
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.provision import Provision, provision_of
from opsconductor.config.provision.rows import KEYS, ONE, ConnectorTypes, Item, ProvisionTable, Row, name_of
from opsconductor.config.provision.sealing import HIDDEN, cover_secrets, masked_row
from opsconductor.connector.secret_fields import Path
from opsconductor.errors import ConfigError, Fault, RowConflict, RowNotFound

REQUEST = "request"
"""In place of a file, in faults."""


class EditVerb(StrEnum):
    """Edit of a row: what it is to contain, or its deletion."""

    CREATE = "create"
    REPLACE = "update"
    MERGE = "merge"
    PUT = "put"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One row to create, change or delete.

    Attributes:
        name: Id or key of the row; of a new one, and of one to put, it is in `value`.
        value: The whole row, as in a file; to MERGE what is different (RFC 7396).
        tags: The row must have one of these ETags; empty: any.
        is_taking_over: A file may declare the row: it belongs to the database alone from now on, and applying
            the file leaves it alone.
    """

    verb: EditVerb
    name: str = ""
    value: object = None
    tags: tuple[str, ...] = ()
    is_taking_over: bool = False


def tag_of(present: Present, installed: ConnectorTypes) -> str:
    """Return the ETag of a row: its content as it is shown, and where it is declared."""
    row = masked_row(present.table, present.row, installed)
    written = json.dumps([str(present.id), present.origin, row], sort_keys=True, default=str)
    return f'"{sha256(written.encode()).hexdigest()[:32]}"'


def is_file(origin: str | None) -> bool:
    """Return True if rows of an origin are declared in a file, which a reload applies again."""
    return origin is not None and FilePath(origin).is_absolute()


def provision_of_edits(
    table: ProvisionTable, edits: Sequence[Edit], present: Sequence[Present], installed: ConnectorTypes
) -> Provision:
    """Return the rows that edits of a table declare and delete.

    Faults are placed in a document whose list of the table has the values of the edits.

    Raises:
        RowNotFound: There is no such row.
        RowConflict: There is one already, it has changed, or a file declares it.
        ConfigError: With all faults of the values.
    """
    rows = _Rows(table, present, installed)
    befores = [(edit, rows.wanted_by(edit)) for edit in edits]
    kept = [(edit, before) for edit, before in befores if edit.verb is not EditVerb.DELETE]
    values = [rows.value_of(edit, before) for edit, before in kept]
    provision = provision_of({table.value: values}, REQUEST, installed)
    own = (
        item for item in provision.items if item.table is table
    )  # a rule may declare a connector of its own
    for item, (edit, before) in zip(own, kept, strict=True):
        rows.check_key(edit, before, item)
    gone = {
        (table, before.key) for edit, before in befores if edit.verb is EditVerb.DELETE and before is not None
    }
    return Provision(files=(), items=provision.items, deleted=frozenset(gone))


class _Rows:
    """The present rows of one table, by id and by key."""

    def __init__(self, table: ProvisionTable, present: Sequence[Present], installed: ConnectorTypes) -> None:
        rows = [row for row in present if row.table is table]
        self._table, self._installed = table, installed
        self._by_key = {row.key: row for row in rows}
        self._by_name = {str(row.id): row for row in rows}
        if table not in (ProvisionTable.DEPENDENCIES, ProvisionTable.OID_MAPPINGS):
            self._by_name |= {str(row.key[0]): row for row in rows}

    def wanted_by(self, edit: Edit) -> Present | None:
        """Return the row that an edit names; None: it is new, or its key is in the value."""
        if edit.verb in (EditVerb.CREATE, EditVerb.PUT):
            return None
        row = self._by_name.get(edit.name)
        if row is None:
            raise RowNotFound(f"there is no {ONE[self._table]} {edit.name!r}")
        self._check(edit, row)
        return row

    def value_of(self, edit: Edit, before: Present | None) -> object:
        """Return the whole value of an edit, with the secrets that it has masked."""
        value = edit.value
        if edit.verb is EditVerb.MERGE and before is not None:
            value = merged(masked_row(self._table, before.row, self._installed), value)
        if self._table is ProvisionTable.CONNECTORS and isinstance(value, Mapping):
            if before is None:
                before = self._by_name.get(str(value.get("name")))
            return unmasked(value, before, self._installed)
        return value

    def check_key(self, edit: Edit, before: Present | None, item: Item) -> None:
        """Check that a new row is new, and that a changed one has the key that it had."""
        there = self._by_key.get(item.key)
        if before is not None and item.key != before.key:
            columns = KEYS[self._table]
            column = next(each for each in columns if item.row.get(each) != before.row.get(each))
            found, expected = shown(item.row.get(column)), shown(before.row.get(column))
            raise ConfigError(
                [item.fault(column, found, f"{expected}: rows are not renamed, create another")]
            )
        if before is None and there is not None:
            if edit.verb is EditVerb.CREATE:
                name = name_of(self._table, item.key)
                raise RowConflict("exists", f"there is already the {name}", self._shown(there))
            self._check(edit, there)

    def _check(self, edit: Edit, row: Present) -> None:
        name, tag = name_of(self._table, row.key), tag_of(row, self._installed)
        if edit.tags and tag not in edit.tags:
            raise RowConflict(
                "conflict",
                f"the {name} has changed since: this is its present state",
                self._shown(row),
                tag=tag,
            )
        if is_file(row.origin) and not edit.is_taking_over:
            message = (
                f"the {name} is declared in {row.origin}: change it there, or take it over to make it the "
                "database's own (take_over=true, on the command line --take-over)"
            )
            raise RowConflict("declared_in_file", message, {"declared_in": row.origin}, tag=tag)

    def _shown(self, row: Present) -> Row:
        return masked_row(self._table, row.row, self._installed)


def merged(present: object, patch: object) -> object:
    """Apply a merge patch (RFC 7396): null removes a key, mappings are merged, the rest is replaced."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(present) if isinstance(present, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def unmasked(value: Row, before: Present | None, installed: ConnectorTypes) -> Row:
    """Return a connector with its stored secrets where they are masked.

    Raises:
        ConfigError: A masked secret stands for none.
    """
    if not isinstance(value.get("type"), str) or not isinstance(value.get("config"), Mapping):
        return value
    stored: dict[Path, str] = {}
    faults: list[Fault] = []
    if before is not None:
        cover_secrets(before.row, installed, _into(stored))

    def restore(path: Path, text: str) -> str:
        if text != HIDDEN:
            return text
        if path not in stored:
            key = ".".join(map(str, ("config", *path)))
            expected = "the secret, or a reference; what is masked is kept from the connector of this name"
            faults.append(Fault(file=REQUEST, line=None, key=key, found=f'"{HIDDEN}"', expected=expected))
        return stored.get(path, text)

    whole = cover_secrets(value, installed, restore)
    if faults:
        raise ConfigError(faults)
    return whole


def _into(stored: dict[Path, str]) -> Callable[[Path, str], str]:
    def keep(path: Path, text: str) -> str:
        stored[path] = text
        return text

    return keep
