"""Answers about declared rows and about changes of them."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from pydantic import Field

from opsconductor.api.interfaces.declared import Changed, DeclaredRow
from opsconductor.api.views import View
from opsconductor.config.provision.diff import RowChange, Verb
from opsconductor.config.provision.rows import ProvisionTable, name_of

Row = TypeVar("Row")


class RowView(View, Generic[Row]):
    """A declared row."""

    id: str = Field(description="Of the row; it stays when the row is changed.")
    label: str = Field(description="Readable name, such as `connector noc-mail`.")
    declared_in: str | None = Field(
        description="The file that declares it; `cli` or `api`: it was applied without a file; null: by hand."
    )
    is_read_only: bool = Field(description="It is changed in its file, or with `take_over=true`.")
    is_found: bool = Field(description="An inventory has found it; a change makes it your own.")
    taken_over_from: str | None = Field(
        description="The file that it was taken over from, which no longer changes it; null: none."
    )
    etag: str = Field(description="For `If-Match`; another one after each change.")
    row: Row = Field(description="As provisioning files have it, secrets masked; PUT takes it back.")


class FieldChangeView(View):
    """A value that changes."""

    name: str
    old: Any
    new: Any


class RowChangeView(View):
    """A row that is added, changed or deleted."""

    verb: str = Field(description="`add`, `change` or `delete`.")
    table: ProvisionTable
    name: str
    fields: list[FieldChangeView]
    is_takeover: bool = Field(description="It was made by hand and is now that of the document.")


class PlanView(View):
    """What a change has done, or would do."""

    summary: str
    changes: list[RowChangeView]
    remarks: list[str] = Field(description="Probable mistakes, and rows that were taken over.")
    missing_secrets: list[str] = Field(description="Secrets that are referred to and not in the vault.")
    is_in_force: bool = Field(description="It is in force; false after a trial.")
    error: str = Field(description="Why it is stored but not in force; empty: it is in force.")
    failed: dict[str, str] = Field(
        description="Connectors that it has started and that do not work, and why."
    )


class ChangedRowView(PlanView, Generic[Row]):
    """What a change of one row has done, or would do."""

    row: RowView[Row] | None = Field(description="The row after it; null: deleted, or only tried.")


def row_view(row: DeclaredRow) -> dict[str, Any]:
    """Return a row in the form of `RowView`."""
    return {
        "id": row.id,
        "label": row.label,
        "declared_in": row.declared_in,
        "is_read_only": row.is_read_only,
        "is_found": row.is_found,
        "taken_over_from": row.taken_over_from,
        "etag": row.tag,
        "row": row.row,
    }


def plan_view(changed: Changed) -> dict[str, Any]:
    """Return a change in the form of `PlanView`."""
    plan = changed.plan
    return {
        "summary": plan.summary,
        "changes": [_change(change) for change in plan.changes],
        "remarks": list(plan.remarks),
        "missing_secrets": sorted(plan.missing_secrets),
        "is_in_force": changed.is_in_force,
        "error": changed.error,
        "failed": dict(changed.failed),
    }


def _change(change: RowChange) -> Mapping[str, Any]:
    return {
        "verb": Verb(change.verb).name.lower(),
        "table": change.table,
        "name": name_of(change.table, change.key),
        "fields": [{"name": field.name, "old": field.old, "new": field.new} for field in change.fields],
        "is_takeover": change.is_takeover,
    }
