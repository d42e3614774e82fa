"""Writing of changes that PostgreSQL partly rejects, so that only the rejected part is affected.

Either they are written already (a commit whose answer was lost is repeated), or something in them is
invalid. Bisection finds it: one bad alert among 5,000 costs about 26 attempts.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar
from uuid import UUID

import asyncpg

from opsconductor import metrics
from opsconductor.errors import StoreRejected
from opsconductor.model.alert import NO_FIELDS, Alert
from opsconductor.model.aside import AsideKind, SetAside, set_aside
from opsconductor.model.changes import Changes, HistoryEntry, NotificationIntent
from opsconductor.model.normalized import RawData
from opsconductor.model.text import fitted
from opsconductor.store.commit.write import SQL, write
from opsconductor.store.postgres.connection import translated
from opsconductor.store.spool.codec import readable

log = logging.getLogger(__name__)

Item = TypeVar("Item", HistoryEntry, NotificationIntent)

LARGEST_COUNT = 2**63 - 1
NO_DEVICE = "(unknown device)"


async def salvage(pool: asyncpg.Pool, changes: Changes) -> None:
    """Write as much of the changes as possible, in one transaction.

    What is rejected is written in a simpler form; what even then is rejected is logged.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        async with pool.acquire() as connection, connection.transaction():
            new = await _without_known(connection, changes)
            refusal = await _try(connection, new)
            if refusal:
                log.warning(
                    "PostgreSQL rejects changes, writing them separately", extra={"error": str(refusal)}
                )
                await _halve(connection, list(_parts(new)), refusal)
            touched = [alert.id for alert in chain(new.created, new.updated)]
            await connection.execute(SQL["forget_missing_causes"], touched)


async def _without_known(connection: asyncpg.Connection, changes: Changes) -> Changes:
    """Return the changes without history that is already stored; stored alerts are updated, not created."""
    ids = [alert.id for alert in changes.created]
    known = {row["id"] for row in await connection.fetch(SQL["known_alerts"], ids)}
    recorded = await _known_history(connection, changes)
    archived = await _known_archive(connection, changes)
    return replace(
        changes,
        created=tuple(alert for alert in changes.created if alert.id not in known),
        updated=changes.updated + tuple(alert for alert in changes.created if alert.id in known),
        history=tuple(entry for entry in changes.history if entry.id not in recorded),
        archive=tuple(event for event in changes.archive if event.id not in archived),
    )


async def _known_history(connection: asyncpg.Connection, changes: Changes) -> set[UUID]:
    if not changes.history:
        return set()
    times = [entry.created_at for entry in changes.history]
    alerts = list({entry.alert_id for entry in changes.history})
    found = await connection.fetch(SQL["known_history"], alerts, min(times), max(times))
    return {row["id"] for row in found}


async def _known_archive(connection: asyncpg.Connection, changes: Changes) -> set[UUID]:
    if not changes.archive:
        return set()
    times = [event.received_at for event in changes.archive]
    ids = [event.id for event in changes.archive]
    found = await connection.fetch(SQL["known_archive"], ids, min(times), max(times))
    return {row["id"] for row in found}


async def _try(connection: asyncpg.Connection, changes: Changes) -> StoreRejected | None:
    """Write changes, or roll back and return why they are rejected."""
    try:
        with translated():
            async with connection.transaction():
                await write(connection, changes)
    except StoreRejected as refusal:
        return refusal
    return None


async def _halve(connection: asyncpg.Connection, parts: Sequence[Changes], refusal: StoreRejected) -> None:
    """Write parts that were rejected together, at least one of them rightly."""
    if len(parts) == 1:
        await _write_plainly(connection, parts[0], refusal)
        return
    middle = len(parts) // 2
    for half in (parts[:middle], parts[middle:]):
        refused = await _try(connection, _joined(half))
        if refused:
            await _halve(connection, half, refused)


async def _write_plainly(connection: asyncpg.Connection, part: Changes, refusal: StoreRejected) -> None:
    """Write the change of one alert row by row, and the alert without its dispensable fields."""
    for alert in chain(part.created, part.updated):
        if alert.status.is_open:
            for rival in await connection.fetch(SQL["expire_rivals"], fitted(alert.fingerprint), alert.id):
                log.error("ended a second open alert of the same fault", extra={"alert_id": str(rival["id"])})
    for piece in _pieces(part, refusal):
        refused = await _try(connection, piece)
        if refused:
            described = _described(piece, refused)
            log.error("PostgreSQL rejects a change permanently, it is set aside", extra=described)
            if not piece.aside:
                await _try(connection, Changes(aside=(_kept(piece, described),)))
                metrics.set_aside.labels(str(AsideKind.CHANGE)).inc()


def _kept(piece: Changes, described: Mapping[str, str]) -> SetAside:
    sources = [alert.source_system for alert in chain(piece.created, piece.updated, piece.repeated)]
    return set_aside(
        AsideKind.CHANGE,
        origin=sources[0] if sources else "",
        subject=described["alert_id"],
        reason=described["error"],
        content=readable(piece),
        at=datetime.now(UTC),
    )


def _described(piece: Changes, error: StoreRejected) -> dict[str, str]:
    ids = [str(alert.id) for alert in chain(piece.created, piece.updated, piece.repeated)]
    ids += [str(entry.alert_id) for entry in piece.history]
    ids += [str(intent.alert_id) for intent in piece.notifications]
    return {"alert_id": ids[0] if ids else "", "error": str(error)}


def _parts(changes: Changes) -> Iterator[Changes]:
    """Split changes by alert: the alert, its history and its notifications; rules at the end."""
    created, updated, repeated = (
        {alert.id: (alert,) for alert in alerts}
        for alerts in (changes.created, changes.updated, changes.repeated)
    )
    history, notifications = _by_alert(changes.history), _by_alert(changes.notifications)
    for alert_id in dict.fromkeys(chain(updated, created, repeated, history, notifications)):
        yield Changes(
            created=created.get(alert_id, ()),
            updated=updated.get(alert_id, ()),
            repeated=repeated.get(alert_id, ()),
            history=tuple(history.get(alert_id, ())),
            notifications=tuple(notifications.get(alert_id, ())),
            raw_data=changes.raw_data,
        )
    for event in changes.archive:
        yield Changes(archive=(event,), raw_data=changes.raw_data)
    for aside in changes.aside:
        yield Changes(aside=(aside,), raw_data=changes.raw_data)
    for keys in changes.keys:
        yield Changes(keys=(keys,), raw_data=changes.raw_data)
    for reported in changes.reported:
        yield Changes(reported=(reported,), raw_data=changes.raw_data)
    yield Changes(
        triggered_rules=changes.triggered_rules,
        attempts=changes.attempts,
        documents=changes.documents,
        raw_data=changes.raw_data,
    )


def _by_alert(items: Iterable[Item]) -> dict[UUID, list[Item]]:
    grouped: defaultdict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        grouped[item.alert_id].append(item)
    return grouped


def _joined(parts: Sequence[Changes]) -> Changes:
    return Changes(
        created=tuple(chain.from_iterable(part.created for part in parts)),
        updated=tuple(chain.from_iterable(part.updated for part in parts)),
        repeated=tuple(chain.from_iterable(part.repeated for part in parts)),
        history=tuple(chain.from_iterable(part.history for part in parts)),
        notifications=tuple(chain.from_iterable(part.notifications for part in parts)),
        archive=tuple(chain.from_iterable(part.archive for part in parts)),
        aside=tuple(chain.from_iterable(part.aside for part in parts)),
        keys=tuple(chain.from_iterable(part.keys for part in parts)),
        reported=tuple(chain.from_iterable(part.reported for part in parts)),
        triggered_rules=parts[-1].triggered_rules,
        attempts=parts[-1].attempts,
        documents=parts[-1].documents,
        raw_data=parts[0].raw_data,
    )


def _pieces(part: Changes, refusal: StoreRejected) -> Iterator[Changes]:
    """Split the change of one alert into single rows; an explanation replaces the raw data."""
    alerts = chain(part.created, part.updated, part.repeated)
    explained: dict[UUID, RawData] = {alert.id: lambda: {"not_stored": str(refusal)} for alert in alerts}
    yield Changes(created=tuple(map(_plainer, part.created)), raw_data=explained)
    yield Changes(updated=tuple(map(_plainer, part.updated)), raw_data=explained)
    yield Changes(repeated=tuple(map(_plainer, part.repeated)), raw_data=explained)
    for entry in part.history:
        yield Changes(history=(entry,))
    for intent in part.notifications:
        yield Changes(notifications=(intent,))
    for event in part.archive:
        yield Changes(archive=(event,))
    for aside in part.aside:
        yield Changes(aside=(aside,))
    yield Changes(keys=part.keys, reported=part.reported)
    yield Changes(triggered_rules=part.triggered_rules)
    yield Changes(attempts=part.attempts)
    for document in part.documents:
        yield Changes(documents=(document,))


def _plainer(alert: Alert) -> Alert:
    """Return an alert without its dispensable fields."""
    return replace(
        alert,
        device_name=alert.device_name or (None if alert.device_ip else NO_DEVICE),
        tags=(),
        custom_fields=NO_FIELDS,
        occurrence_count=min(max(alert.occurrence_count, 1), LARGEST_COUNT),
        impacted=0,
    )
