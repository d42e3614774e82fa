"""The audit log: who has changed what, when and from where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("access/audit")


ASSISTANT_AGENT = "opsconductor-mcp"
"""`User-Agent` of the server for assistants, each of whose requests is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who makes a change.

    Attributes:
        name: Of a user or an API key; `cli:<user>` for the command line.
        address: Of the client; None: this host.
    """

    name: str
    address: str | None = None


DAEMON = Author(name="daemon")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An entry to write.

    Attributes:
        action: `<what>.<verb>`, such as `session.open`.
        subject: Object of the action; for a failed log-in the public prefix of the key, if it has one.
        details: JSON-ready, without secrets; a change has `before` and `after`.
    """

    action: str
    subject: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


async def record(database: asyncpg.Pool, entry: AuditEntry, by: Author) -> None:
    """Write an entry, in the transaction of the change if there is one."""
    with translated():
        await database.execute(SQL["record"], by.name, entry.action, entry.subject, entry.details, by.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries to read; None: any.

    Attributes:
        before: Entries with a smaller number.
        action: An action, or the part before its dot.
        since: From this time on.
        until: Before this time.
    """

    before: int | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """An entry of the audit log.

    Attributes:
        seq: Its number; the chain has no gaps.
    """

    seq: int
    actor: str
    action: str
    subject: str
    details: Mapping[str, object]
    remote_ip: str | None
    created_at: datetime


async def list_entries(database: asyncpg.Pool, wanted: AuditFilter, most: int) -> Sequence[AuditRow]:
    """Return entries, the newest first."""
    given = (wanted.before, wanted.actor, wanted.action, wanted.subject, wanted.since, wanted.until)
    with translated():
        return [AuditRow(**row) for row in await database.fetch(SQL["list"], *given, most)]
