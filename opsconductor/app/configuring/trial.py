"""The configuration that would result from files that are not applied."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid5

from opsconductor.app.configuring.loading import Configuration, table_of
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.diff import Present, RowChange, Verb
from opsconductor.config.provision.plan import ProvisionPlan, make_plan
from opsconductor.config.provision.provision import Provision
from opsconductor.config.provision.rows import ProvisionTable, Row, key_of
from opsconductor.config.provision.take_over import TakeOver
from opsconductor.config.sections.watch import CanarySettings
from opsconductor.config.vault import KEY_BYTES, Vault
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.model.inventory.device import Dependency, Device
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.model.people.directory import NO_DIRECTORY, PeopleDirectory
from opsconductor.selfcheck.watch.canary import canary_mapping, canary_rule
from opsconductor.store.configuration import (
    ConnectorRow,
    dependency_of,
    device_of,
)
from opsconductor.store.declared.rules import rule_of
from opsconductor.store.maintenance import window_of
from opsconductor.store.people.directory import directory_of

PEOPLE = (
    ProvisionTable.PEOPLE,
    ProvisionTable.TEAMS,
    ProvisionTable.SCHEDULES,
    ProvisionTable.ESCALATION_POLICIES,
)
EMPTY_DEVICE = Device(id=UUID(int=0), ip_address="", name="")
FACTS = (
    "device_type",
    "manufacturer",
    "model",
    "site",
    "location",
    "role",
    "status",
    "tags",
    "names",
)

IDS = UUID("5b1d8c57-6c39-4b4c-8a0f-3c5a53b7a1d0")
"""Namespace for the ids of rows that are not in the database."""


def planned(
    provision: Provision, present: Sequence[Present], taken: Sequence[TakeOver] = ()
) -> ProvisionPlan:
    """Return the changes that applying files would make; no key of the vault is needed.

    Raises:
        ConfigError: The files conflict with the database.
    """
    vault = Vault(os.urandom(KEY_BYTES), {})
    return make_plan(provision, present, vault, installed=installed_types(), prune=False, taken=taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The rows in force, with the values that are not part of provisioning files.

    Attributes:
        devices: With what inventories have found about manually created ones.
        dependencies: With the time since when their inventories no longer list them.
        floor: The lowest confidence of a dependency that suppresses.
        packs: Mappings of the packs that ship, and the generic ones.
        directory: Its schedules have the overrides, which no file declares.
    """

    devices: Sequence[Device]
    dependencies: Sequence[Dependency]
    floor: float
    canary: CanarySettings
    packs: Sequence[OidMapping] = ()
    facts: MibFacts = field(default_factory=standard_facts)
    directory: PeopleDirectory = NO_DIRECTORY


def with_changes(present: Sequence[Present], changes: Sequence[RowChange], known: InForce) -> Configuration:
    """Return the configuration of the present rows with changes applied."""
    found, missing = _found_beside(present, known.devices), _missing_since(changes, known.dependencies)
    rows = {(row.table, row.key): row.row for row in present}
    for change in changes:
        if change.verb is Verb.DELETE:
            del rows[change.table, change.key]
        else:
            rows[change.table, change.key] = change.row

    def of(table: ProvisionTable) -> Iterator[Row]:
        ordered = sorted(rows.items(), key=lambda item: [part or "" for part in item[0][1]])
        return ({"id": uuid5(IDS, str(key)), **row} for (at, key), row in ordered if at is table)

    rules = [rule_of(row) for row in of(ProvisionTable.NOTIFICATION_RULES)]
    windows = [window_of(row) for row in of(ProvisionTable.MAINTENANCE_WINDOWS)]
    return Configuration(
        windows=tuple(windows),
        connectors={
            row["name"]: ConnectorRow(**row) for row in of(ProvisionTable.CONNECTORS) if row["enabled"]
        },
        inventory=InventorySnapshot(
            [
                _enriched(device_of(row), found.get(row["ip_address"] or row["name"]))
                for row in of(ProvisionTable.DEVICES)
            ],
            [
                dependency_of({**row, "missing_since": missing(row)})
                for row in of(ProvisionTable.DEPENDENCIES)
            ],
            known.floor,
        ),
        mappings=table_of(
            [
                *(mapping_of(row, Origin.OWN) for row in of(ProvisionTable.OID_MAPPINGS)),
                *canary_mapping(known.canary),
                *known.packs,
            ],
            known.facts,
        ),
        rules=(*sorted(rules, key=lambda rule: (rule.priority, rule.name)), *canary_rule(known.canary)),
        directory=_with_overrides(directory_of({name: list(of(name)) for name in PEOPLE}), known.directory),
        facts=known.facts,
    )


def _with_overrides(declared: PeopleDirectory, present: PeopleDirectory) -> PeopleDirectory:
    """Add the overrides that are in force to declared schedules."""
    schedules = {
        name: replace(schedule, overrides=present.schedules[name].overrides)
        for name, schedule in declared.schedules.items()
        if name in present.schedules
    }
    return replace(declared, schedules={**declared.schedules, **schedules})


def _missing_since(
    changes: Iterable[RowChange], known: Iterable[Dependency]
) -> Callable[[Row], datetime | None]:
    """Return the function for the time since when a dependency is missing; those of files are not missing."""
    changed = {change.key for change in changes if change.table is ProvisionTable.DEPENDENCIES}
    missing: dict[tuple[str | None, ...], datetime] = {
        (each.device_ip, each.depends_on_ip, str(each.dependency_type)): each.missing_since
        for each in known
        if each.missing_since is not None
    }

    def since(row: Row) -> datetime | None:
        key = key_of(ProvisionTable.DEPENDENCIES, row)
        return None if key in changed else missing.get(key)

    return since


def _found_beside(present: Iterable[Present], known: Iterable[Device]) -> Mapping[str, Device]:
    """Return the devices with their manually entered values only."""
    written = {
        row.row["ip_address"] or row.row["name"]: row.row
        for row in present
        if row.table is ProvisionTable.DEVICES and not row.is_found
    }
    found = {}
    for device in known:
        row = written.get(device.key, {})
        theirs = {name: getattr(EMPTY_DEVICE, name) for name in FACTS if row.get(name)}
        addresses = tuple(each for each in device.addresses if each not in row.get("addresses", ()))
        own = row.get("custom_fields", {})
        fields = {name: value for name, value in device.custom_fields.items() if name not in own}
        found[device.key] = replace(device, **theirs, addresses=addresses, custom_fields=fields)
    return found


def _enriched(written: Device, found: Device | None) -> Device:
    """Add what inventories know about a device where files say nothing."""
    if found is None:
        return written
    facts = {name: getattr(found, name) for name in FACTS if not getattr(written, name)}
    return replace(
        written,
        **facts,
        addresses=tuple(sorted({*written.addresses, *found.addresses})),
        custom_fields={**found.custom_fields, **written.custom_fields},
    )
