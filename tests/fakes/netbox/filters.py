"""The filters of the fake NetBox, with its habits: unknown ones are ignored, bad choices are refused.

Source: NetBox 4.6.8, `netbox/filtersets.py`, `dcim/filtersets.py`, `core/filtersets.py`.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.fakes.netbox.estate import CABLED, Estate, Row

Keep = Callable[[Row], bool]
LOOKUPS = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}
STATUSES = {"offline", "active", "planned", "staged", "failed", "inventory", "decommissioning", "paused"}
POINTERS = {
    "device_id": ("device", "dcim.device"),
    "cable_id": ("cable", "dcim.cable"),
    "site_id": ("site", "dcim.site"),
    "role_id": ("role", "dcim.devicerole"),
}


class BadFilter(Exception):
    """Raised for a value that NetBox refuses; `answer` is the body of its answer."""

    def __init__(self, name: str, text: str) -> None:
        self.answer = {name: [text]}
        super().__init__(text)


def filtered(estate: Estate, kind: str, query: Mapping[str, Sequence[str]], start: int = 0) -> Iterator[Row]:
    """Return the rows of a type that a query wants, by id, from some id on."""
    filters = (_filter(estate, kind, name, values) for name, values in query.items())
    keeps = [keep for keep in filters if keep is not None]
    found = (row for key, row in sorted(estate.of(kind).items()) if key >= start)
    return (row for row in found if all(keep(row) for keep in keeps))


def _filter(estate: Estate, kind: str, name: str, values: Sequence[str]) -> Keep | None:
    """Make the test of one parameter; None: NetBox does not know it for this type, and ignores it."""
    base, _, lookup = name.partition("__")
    wanted = values[-1] == "true"
    known: dict[str, Callable[[], Keep | None]] = {
        "id": lambda: _numbers(lookup, values),
        "name": lambda: lambda row: row.get("name") in values,
        "last_updated": lambda: _timed(name, "last_updated", lookup, values[-1]),
    }
    if name in POINTERS:
        known[name] = lambda: _pointing(estate, name, values)
    if kind in CABLED:
        known["connected"] = lambda: lambda row: _is_connected(estate, kind, row) == wanted
    if kind == "ipam.ipaddress":
        known["assigned_to_interface"] = lambda: lambda row: _is_on_interface(row) == wanted
    if kind in ("dcim.device", "virtualization.virtualmachine"):
        known["status"] = lambda: _status(values)
    if kind == "core.objectchange":
        known |= {
            "time_after": lambda: _timed(name, "time", "gte", values[-1]),
            "time_before": lambda: _timed(name, "time", "lte", values[-1]),
            "action": lambda: lambda row: row["action"] in values,
            "changed_object_type": lambda: lambda row: row["kind"] in values,
        }
    return known[base]() if base in known else None


def _status(values: Sequence[str]) -> Keep:
    if not set(values) <= STATUSES:
        bad = min(set(values) - STATUSES)
        raise BadFilter("status", f"Select a valid choice. {bad} is not one of the available choices.")
    return lambda row: row["status"] in values


def _timed(name: str, field: str, lookup: str, text: str) -> Keep | None:
    compare, moment = LOOKUPS.get(lookup), _moment(name, text)
    return None if compare is None else lambda row: compare(row[field], moment)


def _is_on_interface(row: Row) -> bool:
    return bool(row["owner"]) and row["owner"][0].endswith("interface")


def _numbers(lookup: str, values: Sequence[str]) -> Keep | None:
    try:
        numbers = {int(value) for value in values}
    except ValueError:
        raise BadFilter("id", "Enter a whole number.") from None
    if not lookup:
        return lambda row: row["id"] in numbers
    if lookup == "n":
        return lambda row: row["id"] not in numbers
    compare = LOOKUPS.get(lookup)
    return None if compare is None else lambda row: any(compare(row["id"], number) for number in numbers)


def _pointing(estate: Estate, name: str, values: Sequence[str]) -> Keep:
    """Filter by references; a missing row is no choice."""
    field, kind = POINTERS[name]
    for value in values:
        if not value.isdigit() or int(value) not in estate.of(kind):
            raise BadFilter(name, f"Select a valid choice. {value} is not one of the available choices.")
    wanted = {int(value) for value in values}
    return lambda row: row.get(field) in wanted


def _is_connected(estate: Estate, kind: str, row: Row) -> bool:
    found, is_active = estate.destinations((kind, row["id"]))
    return bool(found) and is_active


def _moment(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadFilter(name, "Enter a valid date/time.") from None


def ordered(rows: list[Row], ordering: str | None, kind: str) -> list[Row]:
    """Sort rows as asked, or by the type's own order: hardly ever by id."""
    if ordering in ("id", "-id"):
        return rows if ordering == "id" else rows[::-1]
    if kind == "core.objectchange":
        return sorted(rows, key=lambda row: row["time"], reverse=True)

    def natural(row: Row) -> tuple[Any, ...]:
        return (row.get("device") or 0, str(row.get("name") or row.get("address") or ""), row["id"])

    return sorted(rows, key=natural)
