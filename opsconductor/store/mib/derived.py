"""Derived mappings of imported modules, each as a line of a catalogue."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import asyncpg

from opsconductor.mib.catalogue import read_mapping_line, write_mapping_line
from opsconductor.mib.compiler.report import CompiledModule
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import NotificationFact
from opsconductor.store.mib.digests import DIGEST_BYTES, digest_of_module
from opsconductor.store.postgres.connection import Pool, translated
from opsconductor.store.queries import load

log = logging.getLogger(__name__)

SQL = load("mib_facts")
COLUMNS = ("module", "name", "line")

ModuleMappings = Mapping[str, Sequence[DerivedMapping]]
"""Derived mappings by module; a module that is not in it keeps those that are stored."""


async def stale_modules(pool: Pool, modules: Sequence[CompiledModule]) -> set[str]:
    """Return the modules whose facts are not stored as they are, or without derived mappings."""
    with translated():
        rows = await pool.fetch(SQL["digests"])
    stored = {row["name"]: row["facts_digest"] for row in rows if row["mappings_digest"]}
    return await asyncio.to_thread(
        lambda: {each.name for each in modules if stored.get(each.name) != digest_of_module(each)}
    )


async def write_mappings(
    connection: asyncpg.Connection, mappings: ModuleMappings, present: Mapping[str, bytes]
) -> Collection[str]:
    """Replace the stored mappings of modules where they differ; within a transaction.

    Args:
        present: Digest of the stored mappings by module.

    Returns:
        Names of modules whose mappings were written.
    """
    lines = {name: [(each, write_mapping_line(each)) for each in found] for name, found in mappings.items()}
    digests = {name: _digest([line for _, line in found]) for name, found in lines.items()}
    written = [name for name in lines if present.get(name) != digests[name]]
    await connection.execute(SQL["remove_mappings"], written)
    rows = [(name, each.notification.name, line) for name in written for each, line in lines[name]]
    if rows:
        await connection.copy_records_to_table("mib_mappings", columns=COLUMNS, records=rows)
    await connection.execute(SQL["note_mappings"], written, [digests[name] for name in written])
    return written


async def read_mappings(pool: Pool, notifications: Sequence[NotificationFact]) -> list[DerivedMapping]:
    """Read what is derived from imported notifications; a line of another version is left out and logged."""
    with translated():
        rows = await pool.fetch(SQL["mappings"])
    return await asyncio.to_thread(_mappings, rows, notifications)


def _mappings(
    rows: Sequence[Mapping[str, Any]], notifications: Sequence[NotificationFact]
) -> list[DerivedMapping]:
    by_key = {(fact.oid, fact.module, fact.name): fact for fact in notifications}
    found: list[DerivedMapping] = []
    invalid = 0
    for row in rows:
        try:
            found.append(read_mapping_line(row["line"], by_key.get))
        except ValueError:
            invalid += 1
    if invalid:
        log.warning("derived mappings cannot be read: import their MIB files again", extra={"count": invalid})
    return found


def _digest(lines: Sequence[str]) -> bytes:
    return blake2b("\n".join(lines).encode(), digest_size=DIGEST_BYTES).digest()
