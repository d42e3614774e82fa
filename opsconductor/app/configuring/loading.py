"""Configuration from the database, read completely before anything live is changed."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from opsconductor.app.connectors.channel_policies import policies_of
from opsconductor.config.provision.packs import read_packs
from opsconductor.config.provision.rows import Row
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.config.sections.notification import NotificationSettings
from opsconductor.config.sections.watch import CanarySettings
from opsconductor.config.settings import Settings
from opsconductor.engine.routing.router import Router
from opsconductor.inventory.graph import CONFIDENCE_FLOOR
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.mib.built import shipped_index
from opsconductor.mib.derived_mappings import DerivedMappings
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.mib.resolving import resolved
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.measured.alert_rule import AlertRule
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.policy import ChannelPolicy
from opsconductor.model.notifications.rule import NotificationRule
from opsconductor.model.people.directory import NO_DIRECTORY, PeopleDirectory
from opsconductor.selfcheck.watch.canary import canary_mapping, canary_rule
from opsconductor.shipped import shipped
from opsconductor.store.configuration import (
    ConnectorRow,
    load_connectors,
    load_dependencies,
    load_devices,
    load_mappings,
)
from opsconductor.store.declared.alert_rules import load_alert_rules
from opsconductor.store.declared.machine_configurations import load_machine_rules
from opsconductor.store.declared.rules import load_rules
from opsconductor.store.maintenance import load_windows
from opsconductor.store.mib.derived import read_mappings
from opsconductor.store.mib.facts import digest_of_facts
from opsconductor.store.mib.facts import read_facts as read_imported
from opsconductor.store.people.directory import load_directory
from opsconductor.store.people.sealed import seal_of
from opsconductor.store.postgres.connection import Pool

NO_CANARY = CanarySettings()
NO_NOTIFICATIONS = NotificationSettings()
LEARNING = DetectionSettings().learning


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that administrators and inventories configure, as one immutable value."""

    connectors: Mapping[str, ConnectorRow]
    inventory: InventorySnapshot
    mappings: MappingTable
    rules: tuple[NotificationRule, ...]
    windows: tuple[MaintenanceWindow, ...] = ()
    directory: PeopleDirectory = NO_DIRECTORY
    facts: MibFacts = field(default_factory=standard_facts)
    policies: Mapping[str, ChannelPolicy] = field(default_factory=dict)
    alert_rules: tuple[AlertRule, ...] = ()

    def router(self) -> Router:
        """Return the rules compiled, with the directory; a thousand rules take a tenth of a second."""
        return Router(self.rules, self.directory)


async def read_configuration(
    pool: Pool,
    canary: CanarySettings = NO_CANARY,
    *,
    floor: float = CONFIDENCE_FLOOR,
    data_dir: Path | None = None,
    notifications: NotificationSettings = NO_NOTIFICATIONS,
    learning: timedelta = LEARNING,
) -> Configuration:
    """Read enabled connectors, inventory, mappings and rules from the database, without people.

    Args:
        canary: Adds its own mapping and rule, which are in no table.
        floor: The lowest confidence of a dependency that suppresses.
        data_dir: Where the built packs and the built index of the catalogue are; None: without packs, and
            only standard modules are known.
        notifications: The limits of recipients.
        learning: How long a series is judged by the baseline of its type of machine.
    """
    packs = await asyncio.to_thread(read_pack_mappings, data_dir) if data_dir else ()
    standard = await asyncio.to_thread(standard_facts)  # parsed here, and not while the first trap is decoded
    facts = await read_facts(pool, data_dir) if data_dir else standard
    inventory = await read_inventory(pool, floor)
    mappings = [*await load_mappings(pool), *canary_mapping(canary), *packs]
    connectors = {row.name: row for row in await load_connectors(pool) if row.enabled}
    return Configuration(
        connectors=connectors,
        inventory=inventory,
        mappings=await asyncio.to_thread(table_of, mappings, facts),
        rules=(*await load_rules(pool), *canary_rule(canary)),
        windows=tuple(await load_windows(pool)),
        facts=facts,
        policies=policies_of(connectors, notifications),
        alert_rules=(*await load_alert_rules(pool), *await load_machine_rules(pool, learning)),
    )


def read_pack_mappings(data_dir: Path) -> tuple[OidMapping, ...]:
    """Return the mappings of the packs that ship; blocks, for seconds after a pack has changed.

    Raises:
        ConfigError: A pack is damaged.
    """
    rows = read_packs(shipped("mibs") / "packs", data_dir)
    return tuple(pack_mapping_of(row) for row in rows)


def pack_mapping_of(row: Row) -> OidMapping:
    """Return the mapping that a row of a pack declares."""
    return mapping_of(row, Origin.PACK)


def table_of(mappings: Iterable[OidMapping], facts: MibFacts) -> MappingTable:
    """Return the table of mappings, with OIDs in place of names, and with what is derived from the facts."""
    return MappingTable((resolved(mapping, facts) for mapping in mappings), DerivedMappings(facts))


async def read_by_settings(pool: Pool, settings: Settings) -> Configuration:
    """Read the configuration as the daemon with these settings has it."""
    floor = settings.inventory.confidence_floor
    read = await read_configuration(
        pool,
        settings.canary,
        floor=floor,
        data_dir=settings.data_dir,
        notifications=settings.notifications,
        learning=settings.detection.learning,
    )
    return replace(read, directory=await load_directory(pool, seal_of(settings)))


async def read_facts(pool: Pool, data_dir: Path) -> MibFacts:
    """Return the facts of imported MIB modules, and of the catalogue that ships.

    It takes seconds after the catalogue has changed, since its index is built then.
    """
    index = await asyncio.to_thread(shipped_index, shipped("mibs") / "catalogue", data_dir)
    digest = await digest_of_facts(pool)
    if not digest:
        return MibFacts([index])
    objects, notifications = await read_imported(pool)
    mappings = await read_mappings(pool, notifications)
    imported = await asyncio.to_thread(index_of, objects, notifications, mappings, digest=digest)
    return MibFacts([imported, index])


def shipped_facts(data_dir: Path) -> MibFacts:
    """Return the facts of the catalogue that ships alone; blocks, for seconds after it has changed."""
    return MibFacts([shipped_index(shipped("mibs") / "catalogue", data_dir)])


def with_same_parts(new: Configuration, present: Configuration) -> Configuration:
    """Return the new configuration with the identical parts of the present one where nothing has changed.

    Whether a part has changed is then a test of identity. It takes some milliseconds for ten thousands
    of rows.
    """
    old_inventory, old_mappings = present.inventory, present.mappings
    has_same_facts = new.facts.digests == present.facts.digests
    has_same_mappings = has_same_facts and new.mappings.mappings == old_mappings.mappings
    is_same_inventory = (
        new.inventory.devices == old_inventory.devices
        and new.inventory.dependencies == old_inventory.dependencies
    )
    return replace(
        new,
        inventory=old_inventory if is_same_inventory else new.inventory,
        mappings=old_mappings if has_same_mappings else new.mappings,
        facts=present.facts if has_same_facts else new.facts,
        windows=present.windows if new.windows == present.windows else new.windows,
        rules=present.rules if _as_declared(new.rules) == _as_declared(present.rules) else new.rules,
        alert_rules=present.alert_rules if new.alert_rules == present.alert_rules else new.alert_rules,
        directory=present.directory if new.directory == present.directory else new.directory,
    )


def _as_declared(rules: Iterable[NotificationRule]) -> list[NotificationRule]:
    return [replace(rule, last_triggered_at=None) for rule in rules]


async def read_inventory(pool: Pool, floor: float = CONFIDENCE_FLOOR) -> InventorySnapshot:
    """Read devices and dependencies; the snapshot is built in a thread, since traps keep coming."""
    devices, dependencies = await load_devices(pool), await load_dependencies(pool)
    return await asyncio.to_thread(InventorySnapshot, devices, dependencies, floor)
