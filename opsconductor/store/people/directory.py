"""Persons, teams, schedules and escalation policies from their rows."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

import asyncpg

from opsconductor.errors import SecretError
from opsconductor.model.enums import Priority, Severity
from opsconductor.model.notifications.rule import Failover
from opsconductor.model.people.directory import PeopleDirectory
from opsconductor.model.people.escalation import ANY_ALERT, EscalationPolicy, EscalationStep
from opsconductor.model.people.person import ContactMethod, Person, Team
from opsconductor.model.people.schedule import DutyOverride, Layer, Schedule
from opsconductor.store.declared.rules import (
    channels_of,
    conditions_of,
    length_of,
    minutes_of,
    parts_of,
    targets_of,
    window_of,
)
from opsconductor.store.people.sealed import UNREADABLE, ContactSeal, opened
from opsconductor.store.postgres.connection import translated
from opsconductor.store.queries import load

log = logging.getLogger(__name__)

SQL = load("people")
TABLES = ("people", "teams", "schedules", "escalation_policies", "overrides")
Document = Mapping[str, Any]
Made = TypeVar("Made")


async def load_directory(pool: asyncpg.Pool, seal: ContactSeal) -> PeopleDirectory:
    """Return all people who can be notified; rows that cannot be read are left out, and logged.

    Args:
        seal: Decrypts contact methods.

    Raises:
        StoreUnavailable: PostgreSQL is away.
    """
    with translated():
        rows = {name: await pool.fetch(SQL[name]) for name in TABLES}
    return await asyncio.to_thread(directory_of, rows, seal)


def directory_of(rows: Mapping[str, Iterable[Document]], seal: ContactSeal = UNREADABLE) -> PeopleDirectory:
    """Return the directory of rows, by table."""
    overrides: dict[str, list[DutyOverride]] = {}
    for row in rows.get("overrides", ()):
        overrides.setdefault(row["schedule"], []).append(override_of(row))
    return PeopleDirectory.of(
        _readable(lambda row: person_of(opened(row, seal)), rows["people"]),
        _readable(lambda row: Team(name=row["name"], members=tuple(row["members"])), rows["teams"]),
        _readable(lambda row: schedule_of(row, overrides.get(row["name"], ())), rows["schedules"]),
        _readable(policy_of, rows["escalation_policies"]),
    )


def person_of(row: Document) -> Person:
    """Convert a row of `users`."""
    zone = row["time_zone"]
    return Person(
        name=row["name"],
        display_name=row["display_name"] or "",
        zone=zone,
        methods=tuple(_method_of(each, zone) for each in row["contact_methods"]),
        enabled=row["enabled"],
    )


def schedule_of(row: Document, overrides: Iterable[DutyOverride] = ()) -> Schedule:
    """Convert a row of `schedules`."""
    zone = row["time_zone"]
    return Schedule(
        name=row["name"],
        zone=zone,
        layers=tuple(_layer_of(each, zone) for each in row["layers"]),
        overrides=tuple(overrides),
    )


def policy_of(row: Document) -> EscalationPolicy:
    """Convert a row of `escalation_policies`."""
    return EscalationPolicy(
        name=row["name"],
        steps=tuple(_step_of(each) for each in row["steps"]),
        repeat=row["repeat"],
        repeat_after=length_of(row["repeat_after"]),
        acknowledgement_expires=length_of(row["acknowledgement_expires"]),
    )


def override_of(row: Document) -> DutyOverride:
    """Convert a row of `schedule_overrides`."""
    return DutyOverride(
        person=row["person"], begin=row["begins_at"], end=row["ends_at"], number=row["position"]
    )


def _readable(convert: Callable[[Document], Made], rows: Iterable[Document]) -> Iterator[Made]:
    for row in rows:
        try:
            yield convert(row)
        except (ValueError, TypeError, KeyError, SecretError) as error:
            log.error(
                "row cannot be read, and no one is notified by it",
                extra={"row": row["name"], "error": repr(error)},
            )


def _method_of(document: Document, zone: str) -> ContactMethod:
    lowest, through = document.get("minimum_severity"), document.get("priority_through")
    windows = parts_of(document.get("quiet_hours"))
    return ContactMethod(
        channel=document["channel"],
        recipient=document.get("recipient", ""),
        minimum_severity=Severity(lowest) if lowest else None,
        quiet_hours=tuple(window_of({**each, "zone": zone}) for each in windows),
        priority_through=Priority(through) if through else None,
        failover=_failover_of(document.get("failover")),
    )


def _failover_of(document: Document | None) -> Failover | None:
    if document is None:
        return None
    return Failover(channel=document["channel"], recipients=(document.get("recipient", ""),))


def _layer_of(document: Document, zone: str) -> Layer:
    windows = parts_of(document.get("restricted_to"))
    return Layer(
        name=document["name"],
        starts=date.fromisoformat(document["starts"]),
        handover=minutes_of(document.get("handover"), 0),
        every=length_of(document["every"]),
        participants=tuple(document["participants"]),
        restricted_to=tuple(window_of({**each, "zone": zone}) for each in windows),
    )


def _step_of(document: Document) -> EscalationStep:
    conditions = document.get("conditions")
    return EscalationStep(
        after=length_of(document.get("after")),
        channels=channels_of(document["notify"]),
        targets=targets_of(document["notify"]),
        conditions=conditions_of(conditions) if conditions else ANY_ALERT,
    )
