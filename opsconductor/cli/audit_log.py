"""The audit log for `opsconductor audit`: in the database of this host, or over the API of a daemon."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from opsconductor.cli.terminal.api_client import ApiClient, Json
from opsconductor.cli.terminal.reach import near_or_far
from opsconductor.store.access.audit import AuditFilter, list_entries
from opsconductor.store.access.audit_chain import verify_audit_log
from opsconductor.store.postgres.connection import Pool

PER_ANSWER = 1_000
PARAMETERS = {"since": "from", "until": "to"}


class LocalAudit:
    """The audit log in the database; entries are returned as the API returns them."""

    def __init__(self, database: Pool) -> None:
        self._database = database

    async def entries(self, wanted: Mapping[str, Any], limit: int) -> Sequence[Json]:
        """Return entries, the newest first.

        Args:
            wanted: Fields of `AuditFilter`.
        """
        rows = await list_entries(self._database, AuditFilter(**wanted), limit)
        return [{**asdict(row), "created_at": row.created_at.isoformat()} for row in rows]

    async def verify(self, head: str) -> Json:
        """Return whether every entry is there and unchanged."""
        return asdict(await verify_audit_log(self._database, head))


class RemoteAudit:
    """The audit log over the API."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    async def entries(self, wanted: Mapping[str, Any], limit: int) -> Sequence[Json]:
        """Return entries, the newest first; takes the arguments of `LocalAudit`."""
        query = [
            (PARAMETERS.get(name, name), value if isinstance(value, str) else value.isoformat())
            for name, value in wanted.items()
            if value is not None
        ]
        rows: list[Json] = []
        while len(rows) < limit:
            size = min(PER_ANSWER, limit - len(rows))
            more = [("before", str(rows[-1]["seq"]))] if rows else []
            found = (await self._client.get("/audit", [*query, *more, ("limit", str(size))]))["data"]
            rows += found
            if len(found) < size:
                break
        return rows

    async def verify(self, head: str) -> Json:
        """Return whether every entry is there and unchanged."""
        query = [("head", head)] if head else []
        found: Json = (await self._client.get("/audit/verify", query))["data"]
        return found


def open_audit(
    config_file: Path | None, url: str | None, token: str | None
) -> AbstractAsyncContextManager[LocalAudit | RemoteAudit]:
    """Open the audit log over the API, or in the database of this host."""
    return near_or_far(
        (config_file, url, token),
        lambda pool, _: LocalAudit(pool),
        lambda client, _: RemoteAudit(client),
    )
