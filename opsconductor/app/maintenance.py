"""Changes of maintenance windows by operators, in force at once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from opsconductor.api.live_maintenance import Row
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.faults import FilePlace, faults_of
from opsconductor.config.provision.crosscheck import channel_faults
from opsconductor.config.provision.declared_maintenance import DeclaredMaintenance
from opsconductor.config.provision.provision import unfiled
from opsconductor.config.provision.rows import Item, ProvisionTable
from opsconductor.config.provision.short_channels import with_names
from opsconductor.config.provision.workable import DeclaredNames, reach_faults
from opsconductor.engine.muting.schedule import state_at
from opsconductor.errors import ConfigError, Fault
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.address import canonical_address
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.store import maintenance as store
from opsconductor.store.configuration import ConnectorRow
from opsconductor.store.postgres.connection import Pool

REQUEST = "request"
"""In place of a file, in faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceDesk:
    """The maintenance windows, as the API shows and changes them.

    Attributes:
        connectors: Returns those that are enabled.
        use: Puts windows into force; called while `changing` is held.
    """

    pool: Pool
    inventory: Callable[[], InventorySnapshot]
    connectors: Callable[[], Mapping[str, ConnectorRow]]
    use: Callable[[tuple[MaintenanceWindow, ...]], Awaitable[None]]
    changing: asyncio.Lock

    async def list(self) -> Sequence[Row]:
        """Return the windows that are not long over, by their start."""
        return await store.read_windows(self.pool)

    async def add(self, document: Row, by: str) -> Row:
        """Add a window and put it into force.

        Raises:
            ConfigError: With all faults, as those of a file.
            StoreUnavailable: Nothing was changed.
        """
        row = self._with_channels(checked(document))
        if row["behind"] and not self._is_known(row["behind"]):
            expected = "a device of the inventory, by name or address"
            raise ConfigError([_fault("behind", f'"{row["behind"]}"', expected)])
        async with self.changing:
            window_id = await store.add_window(self.pool, row, by)
            if window_id is None:
                raise ConfigError([_fault("name", f'"{row["name"]}"', "a name that no other window has")])
            await self._take_on()
        added = await store.read_window(self.pool, window_id)
        assert added is not None
        return added

    async def end(self, window_id: UUID, now: datetime, by: str) -> Row | None:
        """End a window now, of one that recurs its present occurrence; as `move_end`."""
        window = await store.read_window(self.pool, window_id)
        if window is None or not window["recurring"]:
            return await self.move_end(window_id, now, by)
        if not state_at(store.window_of(window), now).is_open:
            raise ConfigError(
                [_fault("end_at", "a window that is not active", "an active one; or delete it")]
            )
        async with self.changing:
            await store.cut_window(self.pool, window, now, by)
            await self._take_on()
        return {**window, "cut_at": now}

    async def move_end(self, window_id: UUID, moment: datetime, by: str) -> Row | None:
        """Set the end of a window; None: there is no such window.

        Raises:
            ConfigError: It would end before it begins.
            StoreUnavailable: Nothing was changed.
        """
        async with self.changing:
            window = await store.read_window(self.pool, window_id)
            if window is None:
                return None
            if moment <= window["start_at"]:
                expected = f"a time after its begin {window['start_at'].isoformat()}; or delete it"
                raise ConfigError([_fault("end_at", moment.isoformat(), expected)])
            await store.end_window(self.pool, window, moment, by)
            await self._take_on()
        return {**window, "end_at": moment}

    async def delete(self, window_id: UUID, by: str) -> bool:
        """Delete a window, and release its alerts; return False if there is none."""
        async with self.changing:
            is_deleted = await store.delete_window(self.pool, window_id, by)
            await self._take_on()
        return is_deleted

    def _with_channels(self, row: Row) -> Row:
        """Return a window with the names of the channels of its announcements; raises ConfigError."""
        if not row["announce"]:
            return row
        enabled = self.connectors()
        present = [
            {"name": name, "type": each.type, "enabled": True, "config": each.config}
            for name, each in enabled.items()
        ]
        read = unfiled(row, REQUEST)
        item = Item(table=ProvisionTable.MAINTENANCE_WINDOWS, row=row, document=read, at=(), origin=REQUEST)
        items, faults = with_names([item], present)
        types, installed = {name: each.type for name, each in enabled.items()}, installed_types()
        known = DeclaredNames(rows=[(ProvisionTable.CONNECTORS, each) for each in present])
        faults += channel_faults(items, installed, types)
        if faults := faults or list(reach_faults(items, installed, known)):
            raise ConfigError(faults)
        return items[0].row

    def _is_known(self, name: str) -> bool:
        inventory = self.inventory()
        return inventory.device_of(name) is not None or canonical_address(name) is not None

    async def _take_on(self) -> None:
        await self.use(tuple(await store.load_windows(self.pool)))


def checked(document: Row) -> Row:
    """Return every column of a declared window in JSON form.

    Raises:
        ConfigError: With all its faults.
    """
    try:
        return DeclaredMaintenance.model_validate(dict(document)).model_dump(mode="json")
    except ValidationError as error:
        read = unfiled(document, REQUEST)
        place = FilePlace(document=read, model=DeclaredMaintenance)
        raise ConfigError(faults_of(error, place)) from None


def _fault(key: str, found: str, expected: str) -> Fault:
    return Fault(file=REQUEST, line=None, key=key, found=found, expected=expected)
