"""Declared rows and the tables they belong to."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from opsconductor.config.provision.declared.alert_rule import DeclaredAlertRule
from opsconductor.config.provision.declared.machine import DeclaredMachine
from opsconductor.config.provision.declared.maintenance import DeclaredMaintenance
from opsconductor.config.provision.declared.people import (
    DeclaredPerson,
    DeclaredPolicy,
    DeclaredSchedule,
    DeclaredTeam,
)
from opsconductor.config.provision.declared.row_model import Declared
from opsconductor.config.provision.declared.rule import DeclaredRule
from opsconductor.config.provision.declared.tables import (
    DeclaredConnector,
    DeclaredDependency,
    DeclaredDevice,
    DeclaredMapping,
)
from opsconductor.config.provision.document import Document
from opsconductor.config.provision.yaml_reading import KeyPath
from opsconductor.connector.connector_type import ConnectorType
from opsconductor.errors import Fault

Row = Mapping[str, Any]
"""Declarable columns of one row as JSON values."""

Key = tuple[str | None, ...]
"""The identifying columns of a row, in the order of `KEYS`."""


class ProvisionTable(StrEnum):
    """The tables that files may fill, named like the top-level keys of the files."""

    CONNECTORS = "connectors"
    OID_MAPPINGS = "oid_mappings"
    DEVICES = "devices"
    DEPENDENCIES = "dependencies"
    PEOPLE = "people"
    TEAMS = "teams"
    SCHEDULES = "schedules"
    ESCALATION_POLICIES = "escalation_policies"
    NOTIFICATION_RULES = "notification_rules"
    MAINTENANCE_WINDOWS = "maintenance_windows"
    ALERT_RULES = "alert_rules"
    MACHINE_CONFIGURATIONS = "machine_configurations"


MODELS: Mapping[ProvisionTable, type[Declared]] = {
    ProvisionTable.CONNECTORS: DeclaredConnector,
    ProvisionTable.OID_MAPPINGS: DeclaredMapping,
    ProvisionTable.DEVICES: DeclaredDevice,
    ProvisionTable.DEPENDENCIES: DeclaredDependency,
    ProvisionTable.PEOPLE: DeclaredPerson,
    ProvisionTable.TEAMS: DeclaredTeam,
    ProvisionTable.SCHEDULES: DeclaredSchedule,
    ProvisionTable.ESCALATION_POLICIES: DeclaredPolicy,
    ProvisionTable.NOTIFICATION_RULES: DeclaredRule,
    ProvisionTable.MAINTENANCE_WINDOWS: DeclaredMaintenance,
    ProvisionTable.ALERT_RULES: DeclaredAlertRule,
    ProvisionTable.MACHINE_CONFIGURATIONS: DeclaredMachine,
}

KEYS: Mapping[ProvisionTable, tuple[str, ...]] = {
    ProvisionTable.CONNECTORS: ("name",),
    ProvisionTable.OID_MAPPINGS: ("oid_pattern", "vendor", "conditions"),
    ProvisionTable.DEVICES: ("ip_address", "name"),
    ProvisionTable.DEPENDENCIES: ("device_ip", "depends_on_ip", "dependency_type"),
    ProvisionTable.PEOPLE: ("name",),
    ProvisionTable.TEAMS: ("name",),
    ProvisionTable.SCHEDULES: ("name",),
    ProvisionTable.ESCALATION_POLICIES: ("name",),
    ProvisionTable.NOTIFICATION_RULES: ("name",),
    ProvisionTable.MAINTENANCE_WINDOWS: ("name",),
    ProvisionTable.ALERT_RULES: ("name",),
    ProvisionTable.MACHINE_CONFIGURATIONS: ("machine_type",),
}

ONE: Mapping[ProvisionTable, str] = {
    ProvisionTable.CONNECTORS: "connector",
    ProvisionTable.OID_MAPPINGS: "oid_mapping",
    ProvisionTable.DEVICES: "device",
    ProvisionTable.DEPENDENCIES: "dependency",
    ProvisionTable.PEOPLE: "person",
    ProvisionTable.TEAMS: "team",
    ProvisionTable.SCHEDULES: "schedule",
    ProvisionTable.ESCALATION_POLICIES: "escalation_policy",
    ProvisionTable.NOTIFICATION_RULES: "notification_rule",
    ProvisionTable.MAINTENANCE_WINDOWS: "maintenance_window",
    ProvisionTable.ALERT_RULES: "alert_rule",
    ProvisionTable.MACHINE_CONFIGURATIONS: "machine_configuration",
}

CHANNELS: Mapping[ProvisionTable, str] = {
    ProvisionTable.NOTIFICATION_RULES: "channels",
    ProvisionTable.MAINTENANCE_WINDOWS: "announce",
}
"""Columns that list channels, which may be written in short forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorTypes:
    """The installed connector types.

    Attributes:
        known: Every type by name.
        channels: Names of the channel types.
        broken: Third-party types that violate the contract, with the reason.
    """

    known: Mapping[str, ConnectorType]
    channels: frozenset[str]
    broken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row that a file declares.

    Attributes:
        row: All declarable columns, defaults filled in.
        at: Its key path in `document`.
        origin: Absolute path of the file, stored as `provisioned_from`; None: it is in no file.
    """

    table: ProvisionTable
    row: Row
    document: Document
    at: KeyPath
    origin: str | None

    @property
    def key(self) -> Key:
        """The columns that identify the row in the database."""
        return key_of(self.table, self.row)

    def fault(self, column: str, found: str, expected: str) -> Fault:
        """Return a fault for one of its columns."""
        return self.document.fault((*self.at, column), found, expected)

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.document.file}:{self.document.line_of(self.at)}"


def key_of(table: ProvisionTable, row: Row) -> Key:
    """Return the key columns of a row; the key of a device without address is its name."""
    if table is ProvisionTable.DEVICES:
        return (row["ip_address"] or row["name"],)
    if table is ProvisionTable.OID_MAPPINGS:
        conditions = row.get("conditions")
        written = json.dumps(conditions, sort_keys=True) if conditions else None
        return row["oid_pattern"], row["vendor"], written
    return tuple(row[column] for column in KEYS[table])


def name_of(table: ProvisionTable, key: Key) -> str:
    """Return a readable name of a row: `connector noc-mail`, `dependency 10.0.0.2 -> 10.0.0.1 (network)`."""
    match table, key:
        case ProvisionTable.DEPENDENCIES, (device, other, kind):
            return f"{ONE[table]} {device} -> {other} ({kind})"
        case ProvisionTable.OID_MAPPINGS, (pattern, vendor, conditions):
            of_vendor = f" of {vendor}" if vendor else ""
            return f"{ONE[table]} {pattern}{of_vendor}{f' where {conditions}' if conditions else ''}"
        case _:
            return f"{ONE[table]} {key[0]}"


def targets_of(item: Item) -> Iterator[tuple[KeyPath, Row]]:
    """Yield the channels that a rule or a window names and their failovers, with their places in the row."""
    column = CHANNELS.get(item.table)
    if column is None:
        return
    for index, target in enumerate(item.row[column]):
        yield (column, index), target
        if failover := target.get("failover"):
            yield (column, index, "failover"), failover


def canonical(table: ProvisionTable, row: Row) -> Row:
    """Convert a row of the database to the form of declared rows.

    A row that no file could declare (written by an older or another program) is returned unchanged and
    therefore differs.
    """
    try:
        return MODELS[table].model_validate(row).model_dump(mode="json")
    except ValidationError:
        return dict(row)
