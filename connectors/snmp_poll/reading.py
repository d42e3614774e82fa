"""Reads what a check wants to know from a device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.snmp_poll.definition import Check
from opsconductor.errors import Unreachable
from opsconductor.snmp.client import SnmpClient, Value
from opsconductor.snmp.octets import octets_text

MOST_LOST = 3
Read = int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was read for a check, once.

    Attributes:
        scalars: By name; what the device does not have is missing.
        rows: By index, then by column.
        at_s: When, on the event loop's clock.
    """

    scalars: Mapping[str, Read] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, Read]] = field(default_factory=dict)
    at_s: float

    @property
    def is_empty(self) -> bool:
        """True when the device knows nothing of it."""
        return not self.scalars and not self.rows


async def read_scalars(client: SnmpClient, checks: Sequence[Check], *more: str) -> Mapping[str, Value | None]:
    """Read all single values of many checks together, by OID; what `more` names first."""
    return await client.get([*more, *(oid for check in checks for oid in check.scalars.values())])


def scalars_of(check: Check, found: Mapping[str, Value | None]) -> Mapping[str, Read]:
    """Pick the values of one check."""
    values = {name: found.get(oid) for name, oid in check.scalars.items()}
    return {name: readable(value) for name, value in values.items() if value is not None}


async def read_rows(client: SnmpClient, check: Check) -> Mapping[str, Mapping[str, Read]]:
    """Read the table of a check, column by column."""
    rows: dict[str, dict[str, Read]] = {}
    for name, oid in check.columns.items():
        async for found, value in client.walk(oid):
            rows.setdefault(found[len(oid) + 1 :], {})[name] = readable(value)
    return rows


async def read_row(client: SnmpClient, check: Check, index: str) -> Mapping[str, Read]:
    """Read one row of the table of a check."""
    found = await client.get([f"{oid}.{index}" for oid in check.columns.values()])
    values = {name: found[f"{oid}.{index}"] for name, oid in check.columns.items()}
    return {name: readable(value) for name, value in values.items() if value is not None}


async def read_names(
    client: SnmpClient, check: Check, indexes: Sequence[str]
) -> Mapping[str, Mapping[str, Read]]:
    """Read the columns that are only for texts, of some rows."""
    found = await client.get([f"{oid}.{index}" for index in indexes for oid in check.names.values()])
    named: dict[str, dict[str, Read]] = {}
    for index in indexes:
        values = {name: found.get(f"{oid}.{index}") for name, oid in check.names.items()}
        named[index] = {name: readable(value) for name, value in values.items() if value is not None}
    return named


async def confirm_gone(client: SnmpClient, check: Check, gone: Sequence[str]) -> None:
    """Make sure that rows are gone: some devices answer in circles, or leave a table before its end.

    Raises:
        Unreachable: A row is still there; what was read is only a part.
    """
    column = next(iter(check.columns.values()))
    found = await client.get([f"{column}.{index}" for index in gone[:MOST_LOST]])
    if any(value is not None for value in found.values()):
        raise Unreachable(f"{client.name} answers with a part of the table of {check.name}")


def readable(value: Value) -> Read:
    """Make text of bytes."""
    return octets_text(value) if isinstance(value, bytes) else value
