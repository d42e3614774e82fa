"""Rows for tests of the outbox and of delivery."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from opsconductor.model.ids import time_ordered_id

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


async def add_alert(pool: asyncpg.Pool) -> UUID:
    """Insert an alert of which only the id matters."""
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
) -> UUID:
    """Put a notification into the outbox, due at once."""
    key = time_ordered_id(created_at)
    await pool.execute(
        """INSERT INTO notification_outbox
               (id, alert_id, rule_name, channel, recipient, kind, facts, created_at)
           VALUES ($1, $2, 'all', $3, $4, $5, '{"title": "Link Down"}', $6)""",
        key,
        alert_id,
        channel,
        recipient,
        kind,
        created_at,
    )
    return key
