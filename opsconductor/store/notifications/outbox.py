"""The outbox: notifications to deliver, and their outcomes.

A claim is a lease, not a lock: it moves `next_attempt_at` ahead, so that no transaction stays open
while a message is in flight, and the claims of a worker that dies expire. `attempt` distinguishes two
claims of one row: the outcome of an older one no longer counts, unless the message was sent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from opsconductor.guard import guarded_data
from opsconductor.model.aside import AsideKind, reason_of, set_aside
from opsconductor.model.enums import NotificationKind
from opsconductor.store.aside import keep_aside
from opsconductor.store.notifications.outcomes import Undeliverable, conclude
from opsconductor.store.postgres.connection import Pool, translated
from opsconductor.store.queries import load

SQL = load("notifications/outbox")
CRITICAL, LEAST_URGENT = 0, 9
"""Urgency of a critical; lower numbers are more urgent."""
NEVER_NOTIFIED = "not sent: the recipient was not notified of the problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much may be claimed for one channel.

    Attributes:
        slots: Maximum number of notifications.
        retries: Maximum number of those that were tried before.
        least_urgency: Maximum urgency number that is claimed: 0 is critical.
    """

    slots: int
    retries: int
    least_urgency: int = LEAST_URGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A notification claimed until the lease ends.

    Attributes:
        attempt: 1 for the first.
        urgency: 0 for a critical, then by severity; of a recovery one more.
        is_unheard: It is the recovery of a problem about which the recipient was never notified.
        earlier: Metadata of the latest one sent about the same alert to the same recipient, see `Sent`.
    """

    id: UUID
    alert_id: UUID
    rule_name: str
    channel: str
    recipient: str
    kind: NotificationKind
    facts: Mapping[str, object]
    created_at: datetime
    attempt: int
    urgency: int = 2
    is_unheard: bool = False
    earlier: Mapping[str, object] = field(default_factory=dict)


async def claim(pool: Pool, room: Mapping[str, Room], otherwise: Room, *, lease: timedelta) -> list[Claimed]:
    """Claim due notifications, most urgent first, never two at once of one alert, channel and recipient.

    A row that cannot be read is set aside and given up; the others are claimed.

    Args:
        room: Maximum to claim, by channel.
        otherwise: Maximum to claim for each channel that is not in `room`.
        lease: Time without an outcome after which others may claim them.

    Raises:
        StoreUnavailable: Nothing was claimed, or the claims expire when the lease ends.
    """
    arguments = (
        list(room),
        [each.slots for each in room.values()],
        [each.retries for each in room.values()],
        [each.least_urgency for each in room.values()],
        *(otherwise.slots, otherwise.retries, otherwise.least_urgency),
        lease,
    )
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(SQL["claim"], *arguments)
            recoveries = [row["id"] for row in rows if row["kind"] == NotificationKind.RECOVERY]
            unheard = await connection.fetch(SQL["unheard"], recoveries) if recoveries else []
            kept = await connection.fetch(SQL["earlier"], [row["id"] for row in rows]) if rows else []
    ids = {row["id"] for row in unheard}
    earlier = {row["id"]: row["metadata"] for row in kept}
    rows.sort(key=lambda row: (int(row["urgency"]), int(row["position"])))
    claimed: list[Claimed] = []
    unreadable: list[tuple[asyncpg.Record, Exception]] = []
    for row in rows:
        with guarded_data() as reading:
            claimed.append(_claimed(row, earlier.get(row["id"], {}), is_unheard=row["id"] in ids))
        if reading.error is not None:
            unreadable.append((row, reading.error))
    await _give_up(pool, unreadable)
    return claimed


async def end_leases(pool: Pool) -> None:
    """Make due at once what a killed daemon had claimed; call it while no worker runs.

    What it has sent without storing the outcome is sent again, under the same id.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        await pool.execute(SQL["end_leases"])


async def hurry(pool: Pool, channels: Collection[str]) -> None:
    """Make due at once what failed on recovered channels.

    Raises:
        StoreUnavailable: Nothing has changed; try again.
    """
    with translated():
        await pool.execute(SQL["hurry"], list(channels))


async def fail_over(pool: Pool, down: Mapping[str, str], given_up: Mapping[UUID, str]) -> None:
    """Copy what cannot be delivered to its failovers, and recoveries to those who got such a copy.

    Each is copied once; call it before the outcomes of what is given up are stored.

    Args:
        down: Reason by channel that does not deliver.
        given_up: Reason by id.

    Raises:
        StoreUnavailable: Nothing has changed; try again.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            if down or given_up:
                values = (list(down), list(down.values()), list(given_up), list(given_up.values()))
                await connection.execute(SQL["fail_over"], *values)
            await connection.execute(SQL["fail_over_recoveries"])


async def promote(pool: Pool, waits: timedelta) -> None:
    """Make the oldest notification of each channel that has waited this long as urgent as a critical one.

    Raises:
        StoreUnavailable: Nothing has changed; try again.
    """
    with translated():
        await pool.execute(SQL["promote"], waits)


async def count_waiting(pool: Pool) -> Mapping[str, int]:
    """Count undelivered notifications, by channel."""
    with translated():
        rows = await pool.fetch(SQL["count_waiting"])
    return {row["channel"]: row["amount"] for row in rows}


async def _give_up(pool: Pool, unreadable: Sequence[tuple[asyncpg.Record, Exception]]) -> None:
    if not unreadable:
        return
    now = datetime.now(UTC)
    asides = [
        set_aside(
            AsideKind.NOTIFICATION,
            origin=row["channel"],
            subject=str(row["id"]),
            reason=reason_of(error),
            content=repr(dict(row)).encode(errors="backslashreplace"),
            at=now,
        )
        for row, error in unreadable
    ]
    await keep_aside(pool, asides)
    await conclude(
        pool,
        [Undeliverable(id=row["id"], attempt=row["attempt"], error=str(error)) for row, error in unreadable],
    )


def _claimed(row: asyncpg.Record, earlier: Mapping[str, object], *, is_unheard: bool) -> Claimed:
    if not isinstance(row["facts"], Mapping):
        raise TypeError("its facts are not a JSON object")
    return Claimed(
        id=row["id"],
        alert_id=row["alert_id"],
        rule_name=row["rule_name"],
        channel=row["channel"],
        recipient=row["recipient"],
        kind=NotificationKind(row["kind"]),
        facts=row["facts"],
        created_at=row["created_at"],
        attempt=row["attempt"],
        urgency=row["urgency"],
        is_unheard=is_unheard,
        earlier=earlier,
    )
