"""Rows for tests of the outbox and of delivery."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from opsconductor.model.ids import time_ordered_id
from opsconductor.store.queries import load

SQL = load("commit")
NO_FACTS: Mapping[str, object] = {}

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


async def add_alert(pool: asyncpg.Pool) -> UUID:
    """Insert an alert; only its id matters."""
    added: UUID = await pool.fetchval(
        """INSERT INTO alerts (source_system, device_ip, severity, category, alert_type, impact, urgency,
                               priority, title, occurred_at, received_at, fingerprint, last_occurrence_at)
           VALUES ('traps', '10.0.0.1', 'major', 'network', 'network_link_down', 'low', 'high', 'P3',
                   'Link Down', $1, $1, $2, $1) RETURNING id""",
        NOW,
        uuid4().hex,
    )
    return added


async def put(
    pool: asyncpg.Pool,
    alert_id: UUID,
    *,
    kind: str = "problem",
    channel: str = "mail",
    recipient: str = "noc@example.net",
    created_at: datetime = NOW,
    severity: str | None = None,
    facts: Mapping[str, object] = NO_FACTS,
) -> UUID:
    """Put a notification into the outbox, due at once, as a commit does."""
    key = time_ordered_id(created_at)
    alert_facts = {"title": "Link Down", **({"severity": severity} if severity else {}), **facts}
    row = (key, alert_id, None, "all", channel, recipient, kind, created_at, alert_facts)
    await pool.execute(SQL["add_notifications"], *([value] for value in row))
    return key
