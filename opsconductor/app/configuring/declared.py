"""Declared rows: read and changed as `apply` changes them, and put into force as a reload does."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from opsconductor.api.interfaces.declared import Changed, DeclaredRow, PutInForce
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.edits import (
    REQUEST,
    Edit,
    is_file,
    provision_of_edits,
    tag_of,
    unmasked,
)
from opsconductor.config.provision.plan import ProvisionPlan, make_plan
from opsconductor.config.provision.provision import Provision, provision_of
from opsconductor.config.provision.rows import ONE, ProvisionTable, Row, name_of
from opsconductor.config.provision.sealing import masked_row
from opsconductor.config.provision.take_over import (
    TakeOver,
    origins_taken_over,
    remarks_on_document,
    remarks_on_edits,
)
from opsconductor.config.vault import Vault
from opsconductor.errors import RowNotFound
from opsconductor.store.access.audit import Author
from opsconductor.store.access.credentials import (
    Credential,
    delete_credential,
    list_credentials,
    open_vault,
    write_credential,
)
from opsconductor.store.declared.provisioned import EVERY_TABLE
from opsconductor.store.declared.provisioning import MakePlan, carry_out, rehearse
from opsconductor.store.declared.rows import find_declared, find_row, list_rows
from opsconductor.store.declared.taken_over import with_origins
from opsconductor.store.people.sealed import ContactSeal
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.request_pool import RequestDatabase

FROM_API = "api"
"""Origin of the rows of a document that was posted."""
Table = ProvisionTable
TOGETHER: tuple[frozenset[ProvisionTable], ...] = (
    frozenset({Table.OID_MAPPINGS}),
    frozenset({Table.DEVICES, Table.DEPENDENCIES}),
    frozenset(
        {
            Table.CONNECTORS,
            Table.PEOPLE,
            Table.TEAMS,
            Table.SCHEDULES,
            Table.ESCALATION_POLICIES,
            Table.NOTIFICATION_RULES,
            Table.MAINTENANCE_WINDOWS,
        }
    ),
    frozenset({Table.ALERT_RULES}),
    frozenset({Table.MACHINE_CONFIGURATIONS}),
)
"""Tables whose rows are checked against each other; reading all takes seconds in large networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRows:
    """The declared rows, as the API shows and changes them.

    Attributes:
        pool: For changes.
        database: For reads, which must not delay the pipeline's commits.
        key: Return the key of the vault; raises SecretError. Called in a thread.
        put_in_force: Called after each change.
        action: Of the entry in the audit log.
    """

    pool: Pool
    database: RequestDatabase
    key: Callable[[], bytes]
    put_in_force: PutInForce
    action: str = "config.change"

    async def list(
        self, table: ProvisionTable, search: str, *, limit: int, offset: int
    ) -> tuple[Sequence[DeclaredRow], int]:
        """Return a page of the rows in which a text occurs, and the number of all of them.

        Raises:
            SecretError: The vault has another key.
        """
        seal = ContactSeal(self.key)
        rows, total = await self.database.ask_long(
            list_rows, table, search, limit=limit, offset=offset, seal=seal
        )
        known = await self.database.ask(with_origins, table, rows)
        return await asyncio.to_thread(lambda: [_shown(row) for row in known]), total

    async def find(self, table: ProvisionTable, name: str) -> DeclaredRow:
        """Return a row by id or key.

        Raises:
            RowNotFound: There is none.
            SecretError: The vault has another key.
        """
        found = await self.database.ask(find_row, table, name, ContactSeal(self.key))
        if found is None:
            raise RowNotFound(f"there is no {ONE[table]} {name!r}")
        (row,) = await self.database.ask(with_origins, table, [found])
        return await asyncio.to_thread(_shown, row)

    async def edit(
        self, table: ProvisionTable, edits: Sequence[Edit], by: Author, *, is_trial: bool
    ) -> Changed:
        """Make changes of one table, all or none, and put them into force.

        Raises:
            RowNotFound: There is no such row.
            RowConflict: Its present state does not allow the change.
            ConfigError: With all faults of the values, and of rows that would be broken.
            SecretError: The vault has another key.
        """
        made: list[Provision] = []

        def make(present: Sequence[Present], vault: Vault, _: Sequence[TakeOver]) -> ProvisionPlan:
            provision = provision_of_edits(table, edits, present, installed_types())
            made.append(provision)
            plan = make_plan(provision, present, vault, installed=installed_types(), prune=False)
            taken = origins_taken_over(plan.changes, present)
            remarks = (*plan.remarks, *remarks_on_edits(plan.changes, taken))
            return replace(plan, taken_over=taken, remarks=remarks)

        tables = next(group for group in TOGETHER if table in group)
        changed = await self._carry_out(make, tables, by, is_trial=is_trial)
        if is_trial or len(edits) > 1:
            return changed
        items = [item for item in made[0].items if item.table is table]
        seal = ContactSeal(self.key)
        found = [await self.database.ask(find_declared, table, item.row, seal) for item in items]
        known = await self.database.ask(with_origins, table, [row for row in found if row is not None])
        rows = await asyncio.to_thread(lambda: [_shown(row) for row in known])
        return replace(changed, rows=rows)

    async def checked_connector(self, value: object) -> Row:
        """Return a connector that is not saved, with the stored secrets where they are masked.

        Raises:
            ConfigError: With all its faults.
        """
        name = value.get("name") if isinstance(value, Mapping) else None
        before = await self.database.ask(find_row, Table.CONNECTORS, name) if isinstance(name, str) else None

        def check() -> Row:
            whole = unmasked(value, before, installed_types()) if isinstance(value, Mapping) else value
            document = {Table.CONNECTORS.value: [whole]}
            (item,) = provision_of(document, REQUEST, installed_types()).items
            return item.row

        return await asyncio.to_thread(check)

    async def apply(
        self,
        document: Mapping[str, object],
        by: Author,
        *,
        prune: bool,
        take_back: bool,
        is_trial: bool,
    ) -> Changed:
        """Apply a provisioning document as `opsconductor apply` does; rows of files change until a reload.

        Args:
            prune: Delete rows that came from files or documents and are not in this one.
            take_back: Change its rows that were taken over, too.

        Raises:
            ConfigError: With all faults.
            SecretError: The vault has another key.
        """

        def make(present: Sequence[Present], vault: Vault, taken: Sequence[TakeOver]) -> ProvisionPlan:
            provision = provision_of(document, REQUEST, installed_types(), origin=FROM_API)
            provision = replace(provision, is_taking_back=take_back)
            types = installed_types()
            plan = make_plan(provision, present, vault, installed=types, prune=prune, taken=taken)
            of_files = origins_taken_over(plan.changes, present)
            return replace(plan, remarks=(*plan.remarks, *remarks_on_document(plan.changes, of_files)))

        return await self._carry_out(make, EVERY_TABLE, by, is_trial=is_trial)

    async def secrets(self) -> Sequence[Credential]:
        """Return the entries of the vault by name, without their secrets."""
        return await self.database.ask(list_credentials)

    async def store_secret(self, name: str, secret: str, by: Author) -> Changed:
        """Store a secret in the vault, and have connectors use it that refer to it.

        Raises:
            SecretError: The vault has another key, or the name cannot be referred to.
        """
        vault = await open_vault(self.pool, await asyncio.to_thread(self.key))
        await write_credential(self.pool, name, vault.seal(name, secret), by)
        return await self._changed(ProvisionPlan(changes=(), declared=0))

    async def delete_secret(self, name: str, by: Author) -> Changed:
        """Delete an entry of the vault.

        Raises:
            RowNotFound: There is none.
        """
        if not await delete_credential(self.pool, name, by):
            raise RowNotFound(f"the vault has no secret named {name!r}")
        return await self._changed(ProvisionPlan(changes=(), declared=0))

    async def _carry_out(
        self,
        make: MakePlan,
        tables: Collection[ProvisionTable],
        by: Author,
        *,
        is_trial: bool,
    ) -> Changed:
        key = await asyncio.to_thread(self.key)
        if is_trial:
            return Changed(plan=await rehearse(self.pool, make, key=key, tables=tables))
        plan = await carry_out(self.pool, make, key=key, by=by, tables=tables, action=self.action)
        if not plan.changes:
            return Changed(plan=plan, is_in_force=True)
        return await self._changed(plan)

    async def _changed(self, plan: ProvisionPlan) -> Changed:
        error, failed = await self.put_in_force()
        return Changed(plan=plan, is_in_force=not error, error=error, failed=failed)


def _shown(row: Present) -> DeclaredRow:
    installed = installed_types()
    return DeclaredRow(
        id=str(row.id),
        label=name_of(row.table, row.key),
        row=masked_row(row.table, row.row, installed),
        declared_in=row.origin,
        is_read_only=is_file(row.origin),
        is_found=row.is_found,
        taken_over_from=row.taken_over_from,
        tag=tag_of(row, installed),
    )
