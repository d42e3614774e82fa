"""Application of declared rows to the database: all or nothing."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import asyncpg

from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.plan import ProvisionPlan, make_plan
from opsconductor.config.provision.provision import Provision, read_provision
from opsconductor.config.provision.rows import ConnectorTypes, ProvisionTable
from opsconductor.config.provision.take_over import TakeOver
from opsconductor.config.vault import Vault
from opsconductor.store.access.audit import Author
from opsconductor.store.access.credentials import read_vault
from opsconductor.store.declared.provisioned import EVERY_TABLE, SQL, read_present, write_plan
from opsconductor.store.declared.taken_over import read_taken_over
from opsconductor.store.people.sealed import UNREADABLE, ContactSeal
from opsconductor.store.postgres.connection import translated

MakePlan = Callable[[Sequence[Present], Vault, Sequence[TakeOver]], ProvisionPlan]
"""Compute a plan from the present rows, the vault and what was taken over; called in a thread."""


async def apply_provision(
    pool: asyncpg.Pool, paths: Sequence[Path], installed: ConnectorTypes, *, key: bytes, actor: str = "daemon"
) -> ProvisionPlan:
    """Read files and apply what they declare; nothing is deleted.

    Args:
        key: Of the vault, see `config.vault.find_key`.
        actor: Who does it, for the audit log.

    Returns:
        What was done; its `summary` is one line for the log.

    Raises:
        ConfigError: A file is wrong; nothing was changed.
        SecretError: The key is not the one of this database's vault; nothing was changed.
        StoreUnavailable: Nothing was changed; try again later.
    """
    provision = await asyncio.to_thread(read_provision, paths, installed)
    return await apply(pool, provision, installed, key=key, actor=actor)


async def apply(
    pool: asyncpg.Pool,
    provision: Provision,
    installed: ConnectorTypes,
    *,
    key: bytes,
    actor: str,
    prune: bool = False,
) -> ProvisionPlan:
    """Apply declared rows to the database, in one transaction; see `apply_provision`.

    Args:
        prune: Delete rows that came from files and are no longer declared.
    """
    return await carry_out(pool, _planning(provision, installed, prune=prune), key=key, by=Author(name=actor))


async def preview(
    pool: asyncpg.Pool, provision: Provision, installed: ConnectorTypes, *, key: bytes, prune: bool = False
) -> ProvisionPlan:
    """Return what `apply` would do, without changing anything."""
    return await rehearse(pool, _planning(provision, installed, prune=prune), key=key)


async def carry_out(
    pool: asyncpg.Pool,
    make: MakePlan,
    *,
    key: bytes,
    by: Author,
    tables: Collection[ProvisionTable] = EVERY_TABLE,
    action: str = "provision.apply",
) -> ProvisionPlan:
    """Make a plan from the present rows of tables and execute it, in one transaction.

    Args:
        action: Of the entry in the audit log.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock"])
            plan = await _plan(connection, make, key=key, tables=tables)
            await write_plan(connection, plan, by=by, action=action, seal=ContactSeal(lambda: key))
    return plan


async def rehearse(
    pool: asyncpg.Pool, make: MakePlan, *, key: bytes, tables: Collection[ProvisionTable] = EVERY_TABLE
) -> ProvisionPlan:
    """Return the plan that `carry_out` would execute, without changing anything."""
    with translated():
        async with pool.acquire() as connection:
            transaction = connection.transaction(isolation="repeatable_read")
            await transaction.start()
            try:
                return await _plan(connection, make, key=key, tables=tables)
            finally:
                await transaction.rollback()


async def read_provisioned(pool: asyncpg.Pool, seal: ContactSeal = UNREADABLE) -> list[Present]:
    """Return every row that a file could declare, from one snapshot; raises SecretError as `read_present`."""
    with translated():
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            return await read_present(connection, seal=seal)


async def read_table(pool: asyncpg.Pool, table: ProvisionTable) -> list[Present]:
    """Return the rows of one table that a file could declare, not of people."""
    with translated():
        async with pool.acquire() as connection:
            return await read_present(connection, [table])


def _planning(provision: Provision, installed: ConnectorTypes, *, prune: bool) -> MakePlan:
    def make(present: Sequence[Present], vault: Vault, taken: Sequence[TakeOver]) -> ProvisionPlan:
        return make_plan(provision, present, vault, installed=installed, prune=prune, taken=taken)

    return make


async def _plan(
    connection: asyncpg.Connection, make: MakePlan, *, key: bytes, tables: Collection[ProvisionTable]
) -> ProvisionPlan:
    vault = await read_vault(connection, key)
    present = await read_present(connection, tables, seal=ContactSeal(lambda: key))
    taken = await read_taken_over(connection)
    return await asyncio.to_thread(make, present, vault, taken)
