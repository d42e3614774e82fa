"""Reading the values of checks from a device."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from connectors.snmp_poll.definition import PORT_COLUMNS, CheckDefinition
from opsconductor.errors import Unreachable
from opsconductor.mib.decode.value import octets_kind
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.inventory.port import port_name
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.message.octets import octets_text
from opsconductor.snmp.message.plausible import Answer, NoValue, plausible

MOST_LOST = 3
MOST_PORTS = 10_000
"""Names of interfaces read from one device."""
Read = int | float | str
ImplausibleValues = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolledSample:
    """Values of one poll of a check.

    Attributes:
        scalars: By name; values that the device does not have are missing.
        rows: By index, then by column.
        implausible: Why values are implausible, by index ("" for single values), then by name.
        at_s: Time of the poll on the event loop's clock.
    """

    scalars: Mapping[str, Read] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, Read]] = field(default_factory=dict)
    implausible: ImplausibleValues = field(default_factory=dict)
    at_s: float

    @property
    def is_empty(self) -> bool:
        """True when the device supports none of the values."""
        return not self.scalars and not self.rows and not self.implausible


async def read_scalars(
    client: SnmpClient, checks: Sequence[CheckDefinition], *more: str
) -> Mapping[str, Answer | None]:
    """Return the single values of many checks, read together, by OID; the OIDs of `more` come first."""
    return await client.get([*more, *(oid for check in checks for oid in check.scalars.values())])


class Gathering:
    """Collects the values of one check, and separately the implausible ones."""

    def __init__(self, check: CheckDefinition) -> None:
        self._check = check
        self._scalars: dict[str, Read] = {}
        self._rows: dict[str, dict[str, Read]] = {}
        self._implausible: dict[str, dict[str, str]] = {}

    def add_scalars(self, found: Mapping[str, Answer | None]) -> None:
        """Add the single values of the check."""
        for name, oid in self._check.scalars.items():
            self._add(self._scalars, "", name, oid.removesuffix(".0"), found.get(oid))

    async def read_table(self, client: SnmpClient) -> None:
        """Read the table of the check, column by column."""
        for name, oid in self._check.columns.items():
            async for found, value in client.walk(oid):
                index = found[len(oid) + 1 :]
                self._add(self._rows.setdefault(index, {}), index, name, oid, value)

    async def read_row(self, client: SnmpClient, index: str) -> None:
        """Read one row of the table of the check."""
        columns = self._check.columns
        found = await client.get([f"{oid}.{index}" for oid in columns.values()])
        for name, oid in columns.items():
            if (value := found[f"{oid}.{index}"]) is not None:
                self._add(self._rows.setdefault(index, {}), index, name, oid, value)

    def sample(self, at_s: float) -> PolledSample:
        """Return the collected values."""
        return PolledSample(scalars=self._scalars, rows=self._rows, implausible=self._implausible, at_s=at_s)

    def _add(self, values: dict[str, Read], index: str, name: str, column: str, value: Answer | None) -> None:
        if value is None:
            return
        known = plausible(column, value)
        if isinstance(known, NoValue):
            self._implausible.setdefault(index, {})[name] = known.reason
        else:
            values[name] = _readable(known, column)


async def read_names(
    client: SnmpClient, check: CheckDefinition, indexes: Sequence[str]
) -> Mapping[str, Mapping[str, Read]]:
    """Read the columns that are used in texts only, for some rows."""
    found = await client.get([f"{oid}.{index}" for index in indexes for oid in check.names.values()])
    named: dict[str, dict[str, Read]] = {}
    for index in indexes:
        values = {name: (oid, found.get(f"{oid}.{index}")) for name, oid in check.names.items()}
        named[index] = {
            name: _readable(value, oid)
            for name, (oid, value) in values.items()
            if value is not None and not isinstance(value, NoValue)
        }
    return named


async def read_ports(client: SnmpClient, checks: Iterable[CheckDefinition]) -> Mapping[str, str]:
    """Return the names of all interfaces by resource (`ifIndex=7`), if a check names interfaces.

    Raises:
        Rejected: The device answers with an error.
        Unreachable: It does not answer.
    """
    texts: dict[str, dict[str, str]] = {}
    for column in {oid for check in checks for oid in check.names.values()} & PORT_COLUMNS:
        async for oid, value in client.walk(column):
            if not isinstance(value, NoValue):
                texts.setdefault(oid[len(column) + 1 :], {})[column] = str(_readable(value, column))
    return {f"ifIndex={index}": port_name(columns) for index, columns in islice(texts.items(), MOST_PORTS)}


async def confirm_gone(client: SnmpClient, check: CheckDefinition, gone: Sequence[str]) -> None:
    """Check that missing rows are gone: some devices end a walk in a loop or before the end of a table.

    Raises:
        Unreachable: A row is still there, so the table was read only in part.
    """
    column = next(iter(check.columns.values()))
    found = await client.get([f"{column}.{index}" for index in gone[:MOST_LOST]])
    if any(value is not None for value in found.values()):
        raise Unreachable(f"{client.name} returns only a part of the table of {check.name}")


def _readable(value: float | str | bytes, column: str) -> Read:
    """Return bytes as text, by the object's type where that is known."""
    if not isinstance(value, bytes):
        return value
    return octets_text(value, octets_kind(standard_facts().object_above(column)))
