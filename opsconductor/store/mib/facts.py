"""MIB modules that were imported: written in one transaction, read whole or in part."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import asyncpg

from opsconductor.errors import StoreRejected
from opsconductor.mib.compiler.report import CompiledModule, MissingNames, StoredModule
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.model.text import storable_text
from opsconductor.store.mib.derived import ModuleMappings, write_mappings
from opsconductor.store.mib.digests import DIGEST_BYTES, digest_of_module
from opsconductor.store.mib.rows import facts_of
from opsconductor.store.postgres.connection import Pool, translated
from opsconductor.store.queries import load

SQL = load("mib_facts")

MODULE_COLUMNS = (
    "name", "source", "last_updated", "skipped", "faults", "missing", "form", "facts_digest", "imported_at",
)  # fmt: skip
NOTIFICATION_COLUMNS = ("module", "name", "oid", "vendor", "objects")
OBJECT_COLUMNS = (
    "module", "name", "oid", "syntax", "convention", "enumeration", "units", "display_hint", "row_index",
    "is_notify_only",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedModule:
    """A module as it is listed.

    Attributes:
        updated: LAST-UPDATED as `YYYYMMDDhhmm`; empty when it has none.
        skipped: Names of definitions that could not be read.
        notifications: Their number.
        objects: Number of the objects that notifications use.
    """

    name: str
    source: str
    updated: str
    skipped: tuple[str, ...]
    faults: tuple[str, ...]
    missing: tuple[MissingNames, ...]
    imported_at: datetime
    notifications: int
    objects: int

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is missing."""
        return not self.skipped and not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundName:
    """A name with its OID.

    Attributes:
        kind: `notification`, `object` or `node`; empty when it was not asked for.
    """

    oid: str
    name: str
    module: str
    kind: str = ""


async def read_stored_modules(pool: Pool) -> list[StoredModule]:
    """Read what was imported before, to be linked with what is imported now."""
    with translated():
        rows = await pool.fetch(SQL["stored"])
    return [
        StoredModule(**{**row, "skipped": tuple(row["skipped"]), "faults": tuple(row["faults"])})
        for row in rows
    ]


async def save_modules(
    pool: Pool,
    modules: Sequence[CompiledModule],
    before: Sequence[StoredModule],
    mappings: ModuleMappings,
    *,
    actor: str,
    at: datetime,
) -> int:
    """Replace all imported modules by these; those whose facts and mappings are the same are left alone.

    Args:
        before: The modules that these were compiled with.
        mappings: What is derived from those that were read now or have other facts than before.
        actor: Who does it, for the audit log.

    Returns:
        Number of modules that were written or removed.

    Raises:
        StoreRejected: Others imported or removed modules meanwhile.
        StoreUnavailable: PostgreSQL is away.
    """
    digests = await asyncio.to_thread(lambda: {each.name: digest_of_module(each) for each in modules})
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock"])
            stored = await connection.fetch(SQL["digests"])
            present = {row["name"]: row["facts_digest"] for row in stored}
            if present.keys() != {each.name for each in before}:
                raise StoreRejected(
                    "MIB modules were imported or removed by others meanwhile; nothing was changed: try again"
                )
            changed = [each for each in modules if present.get(each.name) != digests[each.name]]
            gone = sorted(present.keys() - digests.keys())
            await connection.execute(SQL["remove"], [*gone, *(each.name for each in changed)])
            rows = [_module_row(each, digests[each.name], at) for each in changed]
            await _copy(connection, "mib_modules", MODULE_COLUMNS, rows)
            notifications = [_notification_row(fact) for each in changed for fact in each.notifications]
            await _copy(connection, "mib_notifications", NOTIFICATION_COLUMNS, notifications)
            objects = [_object_row(fact) for each in changed for fact in each.objects]
            await _copy(connection, "mib_objects", OBJECT_COLUMNS, objects)
            names = {each.name for each in changed}
            kept = {row["name"]: row["mappings_digest"] for row in stored if row["name"] not in names}
            names.update(await write_mappings(connection, mappings, kept))
            details = {"written": len(names), **_replaced(present, digests, [*names, *gone])}
            await connection.execute(SQL["audit"], actor, "mib.import", "mib_modules", details)
    return len(names) + len(gone)


def _replaced(
    before: Mapping[str, bytes], after: Mapping[str, bytes], names: Sequence[str]
) -> Mapping[str, Mapping[str, str]]:
    """Return the digests of the facts of some modules before and after, for the audit log."""
    shown = sorted(names)[:MOST_NAMED]
    return {
        "before": {name: before[name].hex() for name in shown if name in before},
        "after": {name: after[name].hex() for name in shown if name in after},
    }


MOST_NAMED = 100
"""Names of modules in one entry of the audit log."""


async def read_facts(pool: Pool) -> tuple[list[ObjectFact], list[NotificationFact]]:
    """Read all facts. Of several with one OID the first counts."""
    with translated():
        objects = await pool.fetch(SQL["objects"])
        notifications = await pool.fetch(SQL["notifications"])
    return await asyncio.to_thread(facts_of, objects, notifications)


async def digest_of_facts(pool: Pool) -> str:
    """Return what differs when any imported fact or mapping differs; empty: nothing is imported."""
    with translated():
        rows = await pool.fetch(SQL["digests"])
    whole = blake2b(digest_size=DIGEST_BYTES)
    for row in sorted(rows, key=lambda row: str(row["name"])):
        whole.update(row["facts_digest"] + row["mappings_digest"])
    return whole.hexdigest() if rows else ""


async def read_modules(pool: Pool, pattern: str = "%") -> list[ImportedModule]:
    """List the modules whose name matches a pattern of LIKE."""
    with translated():
        rows = await pool.fetch(SQL["modules"], pattern)
    return [_imported(row) for row in rows]


async def read_facts_of(pool: Pool, module: str) -> tuple[list[ObjectFact], list[NotificationFact]]:
    """Read the facts of one module, by OID."""
    with translated():
        objects = await pool.fetch(SQL["objects_of"], module)
        notifications = await pool.fetch(SQL["notifications_of"], module)
    return facts_of(objects, notifications)


async def search_names(pool: Pool, text: str, most: int) -> list[FoundName]:
    """Find facts whose name contains a text, in any case, or whose OID is this or stands below it."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    with translated():
        rows = await pool.fetch(SQL["search"], f"%{escaped}%", text.strip("."), most)
    return [FoundName(**row) for row in rows]


async def find_at(pool: Pool, oid: str) -> FoundName | None:
    """Find the name of an OID, or of the nearest one above it."""
    arcs = oid.split(".")
    above = [".".join(arcs[:count]) for count in range(1, len(arcs) + 1)]
    with translated():
        row = await pool.fetchrow(SQL["at_oids"], above)
    return FoundName(**row) if row else None


async def find_named(pool: Pool, name: str, module: str = "") -> list[FoundName]:
    """Find the OIDs of a name, in one module or in all, by module."""
    with translated():
        return [FoundName(**row) for row in await pool.fetch(SQL["named"], name, module)]


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    if rows:
        await connection.copy_records_to_table(table, columns=columns, records=rows)


def _module_row(module: CompiledModule, digest: bytes, at: datetime) -> tuple[object, ...]:
    missing = [[each.source, list(each.names)] for each in module.missing]
    skipped, faults = [*map(storable_text, module.skipped)], [*map(storable_text, module.faults)]
    source = storable_text(module.source)
    return module.name, source, module.updated, skipped, faults, missing, module.form, digest, at


def _notification_row(fact: NotificationFact) -> tuple[object, ...]:
    objects = [[each.name, each.oid] for each in fact.objects]
    return fact.module, fact.name, fact.oid, fact.vendor, objects


def _object_row(fact: ObjectFact) -> tuple[object, ...]:
    return (
        fact.module,
        fact.name,
        fact.oid,
        fact.syntax,
        fact.convention,
        fact.enumeration,
        storable_text(fact.units),
        storable_text(fact.display_hint),
        [astuple(part) for part in fact.index],
        fact.is_accessible_for_notify_only,
    )


def _imported(row: Mapping[str, Any]) -> ImportedModule:
    missing = tuple(MissingNames(source=source, names=tuple(names)) for source, names in row["missing"])
    lists = {"skipped": tuple(row["skipped"]), "faults": tuple(row["faults"]), "missing": missing}
    return ImportedModule(**{**row, **lists})
