"""Outcomes of claimed notifications, and how they are stored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from opsconductor.model.notifications.delivery import AttemptStatus, DeliveryAttempt
from opsconductor.model.text import fitted
from opsconductor.store.postgres.connection import Pool, translated
from opsconductor.store.queries import load

SQL = load("notifications/outbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The other side accepted it.

    Attributes:
        text: What was sent as plain text, shortened, without secrets.
        detail: The channel's proof (`HTTP 202`).
        metadata: What the channel needs to update the message or to answer it in its thread.
    """

    id: UUID
    attempt: int
    subject: str
    detail: str
    sent_at: datetime
    response_time: timedelta
    metadata: Mapping[str, object] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """It failed and is retried after `delay`."""

    id: UUID
    attempt: int
    error: str
    delay: timedelta
    response_time: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeliverable:
    """It failed permanently; the log shows it."""

    id: UUID
    attempt: int
    error: str
    response_time: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """It was claimed but the attempt was cancelled, because the daemon stops."""

    id: UUID
    attempt: int


Outcome = Sent | Postponed | Undeliverable | GivenBack


def outcome_of_attempt(ended: DeliveryAttempt) -> Sent | Undeliverable:
    """Return the outcome of an attempt that ended while the outbox was away."""
    if ended.status is AttemptStatus.FAILED:
        return Undeliverable(id=ended.id, attempt=ended.attempt, error=fitted(ended.error))
    return Sent(
        id=ended.id,
        attempt=ended.attempt,
        subject=fitted(ended.subject),
        detail=fitted(ended.detail),
        sent_at=ended.at,
        response_time=ended.response_time,
        metadata=ended.metadata,
    )


async def conclude(pool: Pool, outcomes: Collection[Outcome]) -> None:
    """Store the outcomes of claimed notifications, in one transaction; may be repeated.

    Raises:
        StoreUnavailable: Nothing was stored; keep the outcomes and try again.
        StoreRejected: An alert was deleted meanwhile; nothing was stored, try again.
    """
    if not outcomes:
        return
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            await store_outcomes(connection, outcomes)


async def store_outcomes(connection: asyncpg.Connection, outcomes: Collection[Outcome]) -> None:
    """Store outcomes within the open transaction.

    Raises:
        asyncpg.PostgresError: As PostgreSQL reports.
    """
    for statement, rows in _statements(outcomes):
        if rows:
            await connection.execute(SQL[statement], *map(list, zip(*rows, strict=True)))


def _statements(outcomes: Collection[Outcome]) -> Sequence[tuple[str, list[tuple[object, ...]]]]:
    """Group outcomes by the statement that stores them, each as a row of its arguments."""
    over: list[tuple[object, ...]] = []
    later: list[tuple[object, ...]] = []
    back: list[tuple[object, ...]] = []
    for outcome in outcomes:
        match outcome:
            case Sent():
                payload = {"subject": outcome.subject, "receipt": outcome.detail, "text": outcome.text}
                elapsed_ms = _milliseconds(outcome.response_time)
                details = (payload, outcome.sent_at, elapsed_ms, dict(outcome.metadata))
                over.append((outcome.id, outcome.attempt, "sent", None, *details))
            case Undeliverable():
                elapsed_ms = _milliseconds(outcome.response_time)
                over.append((outcome.id, outcome.attempt, "failed", outcome.error, {}, None, elapsed_ms, {}))
            case Postponed():
                elapsed_ms = _milliseconds(outcome.response_time)
                later.append((outcome.id, outcome.attempt, outcome.error, outcome.delay, elapsed_ms))
            case GivenBack():
                back.append((outcome.id, outcome.attempt))
    return (("conclude", over), ("postpone", later), ("give_back", back))


def _milliseconds(length: timedelta | None) -> int | None:
    return None if length is None else length // timedelta(milliseconds=1)
