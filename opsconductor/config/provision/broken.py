"""Rows of the database that changes of other rows would break: a rule whose connector is deleted."""

from collections.abc import Sequence

from opsconductor.config.provision.crosscheck import channel_faults
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.people_faults import people_faults
from opsconductor.config.provision.rows import ConnectorTypes, Item, ProvisionTable
from opsconductor.config.provision.workable import DATABASE, DeclaredNames, items_of, reach_faults
from opsconductor.errors import Fault

REFERRING = frozenset(
    {
        ProvisionTable.CONNECTORS,
        ProvisionTable.PEOPLE,
        ProvisionTable.TEAMS,
        ProvisionTable.SCHEDULES,
        ProvisionTable.ESCALATION_POLICIES,
        ProvisionTable.NOTIFICATION_RULES,
        ProvisionTable.MAINTENANCE_WINDOWS,
    }
)
"""Tables whose rows name rows of each other."""


def broken_faults(
    present: Sequence[Present], staying: Sequence[Present], items: Sequence[Item], installed: ConnectorTypes
) -> list[Fault]:
    """Return the faults that rows of the database have after the changes and did not have before.

    Args:
        staying: The rows that are neither declared nor deleted.
    """
    before = [(row.table, row.row) for row in present if row.table in REFERRING]
    rest = items_of((row.table, row.row) for row in staying if row.table in REFERRING)
    after = [(item.table, item.row) for item in items if item.table in REFERRING]
    if len(before) == len(rest):  # nothing is changed or deleted
        return []
    known = {(fault.key, fault.found) for fault in _faults(rest, DeclaredNames(rows=before), installed)}
    return [
        fault
        for fault in _faults(rest, DeclaredNames(rows=after), installed)
        if (fault.key, fault.found) not in known
    ]


def is_broken(fault: Fault) -> bool:
    """Return True if a fault is one of a row that is in the database and not declared."""
    return fault.file == DATABASE


def _faults(items: Sequence[Item], known: DeclaredNames, installed: ConnectorTypes) -> list[Fault]:
    connectors = known.of(ProvisionTable.CONNECTORS, items)
    return [
        *channel_faults(items, installed, {row["name"]: row["type"] for row in connectors}),
        *reach_faults(items, installed, known),
        *people_faults(items, installed, known, is_whole=True),
    ]
