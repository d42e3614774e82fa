"""Changes of maintenance windows by operators, in force at once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from opsconductor.api.interfaces.maintenance import Row
from opsconductor.app.configuring.declared import DeclaredRows
from opsconductor.config.provision.edits import REQUEST, Edit, EditVerb
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.engine.muting.schedule import state_at
from opsconductor.errors import ConfigError, Fault
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.address import canonical_address
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.store import maintenance as store
from opsconductor.store.access.audit import Author
from opsconductor.store.postgres.connection import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceDesk:
    """The maintenance windows, as the API shows and changes them: declared rows, and when they were ended.

    Attributes:
        declared: Checks and stores them as everything else that files may declare.
        use: Puts windows into force; called while `changing` is held.
    """

    pool: Pool
    inventory: Callable[[], InventorySnapshot]
    declared: DeclaredRows
    use: Callable[[tuple[MaintenanceWindow, ...]], Awaitable[None]]
    changing: asyncio.Lock

    async def list(self) -> Sequence[Row]:
        """Return the windows that are not long over, by their start."""
        return await store.read_windows(self.pool)

    async def find(self, window_id: UUID) -> Row | None:
        """Return a window; None: there is none."""
        return await store.read_window(self.pool, window_id)

    async def add(self, document: Row, by: Author) -> Row:
        """Add a window and put it into force.

        Raises:
            ConfigError: With all faults, as those of a file.
            RowConflict: There is one of that name.
            SecretError: The vault has another key.
            StoreUnavailable: Nothing was changed.
        """
        if (behind := document["behind"]) and not self._is_known(behind):
            raise ConfigError(
                [_fault("behind", f'"{behind}"', "a device of the inventory, by name or address")]
            )
        await self._edit("maintenance.add", Edit(verb=EditVerb.CREATE, value=document), by)
        added = await store.find_window(self.pool, document["name"])
        assert added is not None
        return added

    async def end(self, window_id: UUID, now: datetime, by: Author) -> Row | None:
        """End a window now, of one that recurs its present occurrence; None: there is no such window.

        What is declared stays as it is, also in a file.

        Raises:
            ConfigError: It is not active.
            StoreUnavailable: Nothing was changed.
        """
        async with self.changing:
            window = await store.read_window(self.pool, window_id)
            if window is None:
                return None
            if not state_at(store.window_of(window), now).is_open:
                raise ConfigError(
                    [_fault("end_at", "a window that is not active", "an active one; or delete it")]
                )
            await store.cut_window(self.pool, window, now, by)
            await self._take_on()
        return {**window, "cut_at": now}

    async def move_end(
        self, window_id: UUID, moment: datetime, by: Author, *, is_taking_over: bool
    ) -> Row | None:
        """Set the end of a window; one that was ended continues. None: there is no such window.

        Raises:
            ConfigError: It would end before it begins.
            RowConflict: A file declares it, and it is not taken over.
            SecretError: The vault has another key.
            StoreUnavailable: Nothing was changed.
        """
        window = await store.read_window(self.pool, window_id)
        if window is None:
            return None
        value = {"end_at": moment.isoformat()}
        edit = Edit(verb=EditVerb.MERGE, name=window["name"], value=value, is_taking_over=is_taking_over)
        await self._edit("maintenance.end", edit, by)
        if window["cut_at"] and not window["recurring"]:
            async with self.changing:
                await store.resume_window(self.pool, window_id)
                await self._take_on()
        return await store.read_window(self.pool, window_id)

    async def delete(self, window_id: UUID, by: Author, *, is_taking_over: bool) -> bool:
        """Delete a window, and release its alerts; return False if there is none; raises as `move_end`."""
        window = await store.read_window(self.pool, window_id)
        if window is None:
            return False
        edit = Edit(verb=EditVerb.DELETE, name=window["name"], is_taking_over=is_taking_over)
        await self._edit("maintenance.delete", edit, by)
        return True

    async def _edit(self, action: str, edit: Edit, by: Author) -> None:
        rows = replace(self.declared, put_in_force=self._in_force, action=action)
        await rows.edit(ProvisionTable.MAINTENANCE_WINDOWS, [edit], by, is_trial=False)

    async def _in_force(self) -> tuple[str, Mapping[str, str]]:
        async with self.changing:
            await self._take_on()
        return "", {}

    def _is_known(self, name: str) -> bool:
        inventory = self.inventory()
        return inventory.device_of(name) is not None or canonical_address(name) is not None

    async def _take_on(self) -> None:
        await self.use(tuple(await store.load_windows(self.pool)))


def _fault(key: str, found: str, expected: str) -> Fault:
    return Fault(file=REQUEST, line=None, key=key, found=found, expected=expected)
