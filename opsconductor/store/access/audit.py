"""The audit log: who has changed what, when and from where."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

SQL = load("audit")


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
