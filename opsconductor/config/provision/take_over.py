"""Rows that files declare and that people have changed or deleted in the database, which has them now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from opsconductor.config.provision.broken import REFERRING
from opsconductor.config.provision.diff import Present, RowChange, Verb
from opsconductor.config.provision.edits import is_file
from opsconductor.config.provision.provision import Provision
from opsconductor.config.provision.rows import Item, Key, ProvisionTable, name_of
from opsconductor.errors import Fault

RowId = tuple[ProvisionTable, Key]

MOST_NAMED = 10
"""Rows of one file that have a remark each; of the others there is the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """A row that was taken over.

    Attributes:
        origin: The file that declared it then.
        by: Who has taken it over.
    """

    table: ProvisionTable
    key: Key
    origin: str
    by: str
    at: datetime


def origins_taken_over(changes: Sequence[RowChange], present: Sequence[Present]) -> dict[RowId, str]:
    """Return the files of the rows that edits change or delete although a file declares them."""
    origins = {(row.table, row.key): row.origin for row in present if row.origin and is_file(row.origin)}
    changed = [(change.table, change.key) for change in changes]
    return {row: origins[row] for row in changed if row in origins}


def remarks_on_edits(changes: Sequence[RowChange], origins: Mapping[RowId, str]) -> Iterator[str]:
    """Yield a remark for each row that edits take over."""
    for change in changes:
        if origin := origins.get((change.table, change.key)):
            name = name_of(change.table, change.key)
            what = "stays deleted" if change.verb is Verb.DELETE else "is no longer changed by it"
            yield f"{origin} still declares the {name}, which {what}: {_remedy(origin)}"


def remarks_on_document(changes: Sequence[RowChange], origins: Mapping[RowId, str]) -> Iterator[str]:
    """Yield a remark for each row of a file that a document changes for a time, up to `MOST_NAMED`."""
    until = "the next reload or start changes it back; change the file, or edit the row with take_over"
    rows = [(row, origins[row]) for each in changes if (row := (each.table, each.key)) in origins]
    for row, origin in rows[:MOST_NAMED]:
        yield f"{origin} declares the {name_of(*row)} otherwise: {until}"
    if len(rows) > MOST_NAMED:
        yield f"{len(rows) - MOST_NAMED:,} more rows are declared otherwise by files: {until}"


def without_taken_over(provision: Provision, taken: Sequence[TakeOver]) -> tuple[Provision, list[Item]]:
    """Return what is declared without the rows that stay taken over, and these."""
    owned = {(each.table, each.key) for each in taken}
    left = [item for item in provision.items if (item.table, item.key) in owned]
    if provision.is_taking_back or not left:
        return provision, []
    items = tuple(item for item in provision.items if (item.table, item.key) not in owned)
    return replace(provision, items=items), left


def taken_back(provision: Provision, taken: Sequence[TakeOver]) -> dict[RowId, str]:
    """Return the rows that become those of their files again, with the file that each was taken over from."""
    if not provision.is_taking_back:
        return {}
    declared = {(item.table, item.key) for item in provision.items}
    origins = {(each.table, each.key): each.origin for each in taken}
    return {row: origin for row, origin in origins.items() if row in declared}


def deleted_faults(
    left: Sequence[Item], taken: Sequence[TakeOver], present: Sequence[Present]
) -> Iterator[Fault]:
    """Yield a fault for each row that is left deleted: it explains why others that name it have faults."""
    owned, there = _by_row(taken), {(row.table, row.key) for row in present}
    for item in left:
        row = (item.table, item.key)
        if item.table in REFERRING and row not in there:
            found = f"a row that {owned[row].by} deleted on {_day(owned[row])}"
            expected = f"that nothing names it; or {_remedy(item.origin or '')}"
            yield item.document.fault(item.at, found, expected)


def remarks_on(left: Sequence[Item], taken: Sequence[TakeOver]) -> Iterator[str]:
    """Yield a remark for each declared row that is left alone, of each file up to `MOST_NAMED`."""
    owned = _by_row(taken)
    by_origin: dict[str, list[TakeOver]] = {}
    for item in left:
        by_origin.setdefault(item.origin or "", []).append(owned[item.table, item.key])
    for origin, rows in by_origin.items():
        source = origin if is_file(origin) else "this document"
        for row in rows[:MOST_NAMED]:
            yield (
                f"{name_of(row.table, row.key)} was taken over by {row.by} on {_day(row)} and is no longer "
                f"changed by {source}: {_remedy(origin)}"
            )
        if len(rows) > MOST_NAMED:
            rest = len(rows) - MOST_NAMED
            yield f"{rest:,} more rows were taken over and are no longer changed by {source}"


def _by_row(taken: Sequence[TakeOver]) -> dict[RowId, TakeOver]:
    return {(each.table, each.key): each for each in taken}


def _day(row: TakeOver) -> date:
    return row.at.astimezone(UTC).date()


def _remedy(origin: str) -> str:
    """Return how a row becomes that of its file again, or is no longer in it."""
    how = f"`opsconductor apply --take-back {origin}`" if is_file(origin) else "--take-back or take_back=true"
    return f"take it back with {how}, or remove it there"
