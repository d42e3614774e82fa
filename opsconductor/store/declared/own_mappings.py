"""Rows of `oid_mappings` that a person adds one at a time."""

from collections.abc import Mapping
from typing import Any

from opsconductor.errors import StoreRejected
from opsconductor.store.access.audit import Author
from opsconductor.store.declared.provisioned import SQL
from opsconductor.store.postgres.connection import Pool, translated


async def add_own_mapping(pool: Pool, row: Mapping[str, Any], by: Author) -> None:
    """Add a row of the operator's own; one that he has is never changed.

    Args:
        row: Every column that a file may declare.

    Raises:
        StoreRejected: He has a row with the same pattern, vendor and conditions.
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock"])
            is_taken = await connection.fetchval(
                SQL["has_oid_mapping"], row["oid_pattern"], row["vendor"], row["conditions"]
            )
            if is_taken:
                raise StoreRejected(
                    f"you have a mapping of {row['oid_pattern']} already: change it with opsconductor apply"
                )
            await connection.execute(SQL["write_oid_mappings"], [{**row, "provisioned_from": None}])
            details = {"before": None, "after": dict(row)}
            await connection.execute(
                SQL["audit_confirmation"], by.name, row["oid_pattern"], by.address, details
            )
