"""Plans of the statements that a test has PostgreSQL run."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import asyncpg

from opsconductor.store.postgres import connection as pooled

LARGE_PAGES = 30
"""Tables of more pages are large; the smallest that a test fills has a hundred."""
PLANNED = ("SELECT", "WITH", "UPDATE", "INSERT", "DELETE")


class Statements:
    """The statements of all connections that a pool opens from now on, with their values."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Sequence[Any]]] = []

    async def prepare(self, connection: asyncpg.Connection) -> None:
        """Prepare a connection as the product does, and record its statements."""
        await prepared(connection)
        connection.add_query_logger(self.note)

    def note(self, run: Any) -> None:
        """Record a statement that has a plan."""
        if _first_word(run.query) in PLANNED:
            self.seen.append((run.query, run.args))

    def take(self) -> Sequence[tuple[str, Sequence[Any]]]:
        """Return the statements since the last call."""
        seen, self.seen = self.seen, []
        return seen


prepared = pooled._prepare
"""What the product does with a connection."""


def _first_word(sql: str) -> str:
    lines = (line.strip() for line in sql.splitlines())
    words = next((line for line in lines if line and not line.startswith("--")), "").split()
    return words[0].upper() if words else ""


async def large_tables(connection: asyncpg.Connection) -> frozenset[str]:
    """Return the tables and partitions with many pages."""
    rows = await connection.fetch(
        "SELECT relname FROM pg_class "
        "WHERE relkind = 'r' AND relpages > $1 AND relnamespace = 'public'::regnamespace",
        LARGE_PAGES,
    )
    return frozenset(row["relname"] for row in rows)


async def whole_scans(connection: asyncpg.Connection, sql: str, values: Sequence[Any]) -> frozenset[str]:
    """Return the tables that the plan of a statement reads from the first to the last row."""
    plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)
    document = json.loads(plan) if isinstance(plan, str) else plan
    return frozenset(node["Relation Name"] for node in _nodes(document[0]["Plan"]) if _is_whole(node))


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for each in node.get("Plans", ()):
        yield from _nodes(each)


def _is_whole(node: Mapping[str, Any]) -> bool:
    return bool(node["Node Type"] == "Seq Scan")
