"""On-call schedules as iCalendar files: export of a schedule, import of overrides."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.calendar_export import calendar_of
from opsconductor.api.calendar_import import read_calendar
from opsconductor.api.handlers.notifications.oncall import (
    MOST_DAYS,
    ON_CALL,
    CalendarParameters,
    PersonOrSchedule,
    schedule_of,
)
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters, Time
from opsconductor.api.http.responses import answer
from opsconductor.api.http.validation import refused_for
from opsconductor.api.views import View
from opsconductor.engine.clock import later
from opsconductor.store.people.overrides import import_overrides

CALENDAR = "text/calendar"
LONGEST_CALENDAR = 512 * 1024
BODY_BYTES = 4 * 1024 * 1024
"""Maximum size of a calendar whose characters are all escaped."""


class CalendarFileParameters(CalendarParameters):
    """Parameters of the calendar file of a schedule."""

    begin: Time | None = Field(
        default=None, description="Default: the begin of the day, in the time zone of the schedule."
    )
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 90


class ImportBody(Parameters):
    """A calendar whose events become overrides."""

    schedule: PersonOrSchedule
    calendar: str = Field(max_length=LONGEST_CALENDAR, description="The text of an iCalendar file.")
    dry_run: bool = Field(default=False, strict=True, description="Change nothing; answer what would change.")


class ImportedView(View):
    """Outcome of an event of a calendar."""

    uid: str
    outcome: Literal["added", "changed", "unchanged", "deleted", "ignored"] = Field(
        description="Events that are cancelled or over are `ignored`, or `deleted` if they were imported."
    )
    person: str | None = Field(description="Null: the event is cancelled or over.")
    begins_at: AwareDatetime | None
    ends_at: AwareDatetime | None


async def export_calendar(call: Call) -> web.Response:
    """Respond with an iCalendar file of who is on call."""
    wanted: CalendarFileParameters = call.query
    schedule, now = schedule_of(call, wanted.schedule), datetime.now(UTC)
    today = now.astimezone(ZoneInfo(schedule.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = wanted.begin or today.astimezone(UTC)
    end = later(begin, timedelta(days=wanted.days))
    people = call.parts.engine().router.directory.people
    body = await asyncio.to_thread(calendar_of, schedule, people, begin, end, now=now)
    name = {"Content-Disposition": 'attachment; filename="oncall.ics"'}
    return web.Response(body=body, content_type=CALENDAR, charset="utf-8", headers=name)


async def import_calendar(call: Call) -> web.Response:
    """Make an override of each event; all or none, and in force at once."""
    body: ImportBody = call.body
    schedule, now = schedule_of(call, body.schedule), datetime.now(UTC)
    people = call.parts.engine().router.directory.people
    read = await asyncio.to_thread(read_calendar, body.calendar, schedule.zone, people, now)
    if read.faults:
        raise refused_for([dict(fault) for fault in read.faults])
    outcome = await call.parts.database.ask(
        import_overrides, schedule.name, read.overrides, read.ended, call.author, is_trial=body.dry_run
    )
    if not body.dry_run:
        await call.parts.declared.put_in_force()
    found = [
        ImportedView(
            uid=each.uid,
            outcome=outcome.get(each.uid, "unchanged"),
            person=each.person,
            begins_at=each.begin,
            ends_at=each.end,
        )
        for each in read.overrides
    ]
    found += [
        ImportedView(uid=uid, outcome=outcome.get(uid, "ignored"), person=None, begins_at=None, ends_at=None)
        for uid in read.ended
    ]
    return answer(found)


ON_CALL_FILE_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{ON_CALL}/calendar.ics",
        handler=export_calendar,
        summary="Read who is on call in a schedule as an iCalendar file",
        permission="config:read",
        query=CalendarFileParameters,
        media=CALENDAR,
        refuses=(404,),
        tag="oncall",
    ),
    Endpoint(
        method="POST",
        path=f"{ON_CALL}/import",
        handler=import_calendar,
        summary="Put persons on call as the events of an iCalendar file say, again by the same UIDs",
        permission="alerts:write",
        body=ImportBody,
        body_bytes=BODY_BYTES,
        answers=list[ImportedView],
        refuses=(404,),
        tag="oncall",
    ),
)
