"""On-call schedules: who is on call at a time, a calendar with its gaps, and overrides."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.calendar_import import LONGEST_OVERRIDE
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import SOME_TEXT, Parameters, Time
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.engine.clock import later
from opsconductor.model.people.on_call import on_call, spans
from opsconductor.model.people.schedule import Schedule
from opsconductor.store.people.overrides import add_override, delete_override, list_overrides

ON_CALL = "/api/v1/oncall"
MOST_DAYS = 366
PersonOrSchedule = Annotated[str, Field(max_length=100), SOME_TEXT]


class OnCallParameters(Parameters):
    """Parameters of the question who is on call."""

    at: Time | None = Field(default=None, description="When; default: now.")


class CalendarParameters(Parameters):
    """Parameters of the calendar of a schedule."""

    schedule: PersonOrSchedule | None = Field(default=None, description="Default: the only one.")
    begin: Time | None = Field(default=None, description="Default: now.")
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 14


class OverrideBody(Parameters):
    """A person who is on call in place of the one whom the layers name."""

    schedule: PersonOrSchedule
    person: PersonOrSchedule
    begin: Time
    end: Time


class DutyView(View):
    """Who is on call in a schedule."""

    schedule: str
    time_zone: str
    person: str | None = Field(description="Null: no one is on call, a gap.")
    by: str = Field(description="Name of the layer, or `override`; empty: neither.")
    until: AwareDatetime | None = Field(description="When it may change; null: never.")


class DutySpanView(View):
    """A span in which one person, or no one, is on call."""

    begin: AwareDatetime
    end: AwareDatetime
    person: str | None = Field(description="Null: no one is on call, a gap.")
    by: str


class OverrideView(View):
    """An override of a schedule."""

    id: UUID
    schedule: str
    person: str
    begins_at: AwareDatetime
    ends_at: AwareDatetime
    created_by: str


async def who_is_on_call(call: Call) -> web.Response:
    """Respond with who is on call in each schedule."""
    at = call.query.at or datetime.now(UTC)
    schedules = call.parts.engine().router.directory.schedules
    found = []
    for name, schedule in sorted(schedules.items()):
        duty = on_call(schedule, at)
        view = DutyView(
            schedule=name, time_zone=schedule.zone, person=duty.person, by=duty.by, until=duty.until
        )
        found.append(view)
    return answer(found)


async def show_calendar(call: Call) -> web.Response:
    """Respond with who is on call in a span of time, gaps included."""
    wanted: CalendarParameters = call.query
    schedule = schedule_of(call, wanted.schedule)
    begin = wanted.begin or datetime.now(UTC)
    found = spans(schedule, begin, later(begin, timedelta(days=wanted.days)))
    return answer([DutySpanView.model_validate(span) for span in found])


async def show_overrides(call: Call) -> web.Response:
    """Respond with the overrides that are not over."""
    rows = await call.parts.database.ask(list_overrides, datetime.now(UTC))
    return answer([OverrideView.model_validate(dict(row)) for row in rows])


async def override(call: Call) -> web.Response:
    """Put a person on call for a time; it takes effect at once."""
    body: OverrideBody = call.body
    directory = call.parts.engine().router.directory
    for what, name, known in (
        ("schedule", body.schedule, directory.schedules),
        ("person", body.person, directory.people),
    ):
        if name not in known:
            raise unknown(call, what, name)
    if not timedelta(0) < body.end - body.begin <= LONGEST_OVERRIDE:
        raise refusal(
            web.HTTPConflict,
            "unusable",
            f"the override ends at {body.end.isoformat()}, expected a time after begin, within 366 days",
        )
    added = await call.parts.database.ask(
        add_override, body.schedule, body.person, body.begin, body.end, call.author
    )
    await call.parts.declared.put_in_force()
    view = OverrideView(
        id=added,
        schedule=body.schedule,
        person=body.person,
        begins_at=body.begin,
        ends_at=body.end,
        created_by=call.author.name,
    )
    return answer(view)


async def restore(call: Call) -> web.Response:
    """Delete an override."""
    if not await call.parts.database.ask(delete_override, call.id, call.author):
        raise refusal(web.HTTPNotFound, "not_found", f"there is no override {call.id}")
    await call.parts.declared.put_in_force()
    return answer(None)


def schedule_of(call: Call, name: str | None) -> Schedule:
    """Return the schedule with a name; without one the only schedule.

    Raises:
        web.HTTPNotFound: There is none.
    """
    schedules = call.parts.engine().router.directory.schedules
    wanted = next(iter(schedules)) if name is None and len(schedules) == 1 else name or ""
    if wanted not in schedules:
        raise unknown(call, "schedule", wanted or "of that name")
    return schedules[wanted]


def unknown(call: Call, what: str, name: str) -> web.HTTPException:
    """Return the error for a schedule or a person that does not exist, with those that do."""
    directory = call.parts.engine().router.directory
    known = directory.schedules if what == "schedule" else directory.people
    names = ", ".join(sorted(known)) or "none is declared"
    return refusal(web.HTTPNotFound, "not_found", f"there is no {what} {name}; known: {names}")


ON_CALL_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=ON_CALL,
        handler=who_is_on_call,
        summary="Read who is on call in each schedule, now or at another time",
        permission="config:read",
        query=OnCallParameters,
        answers=list[DutyView],
        tag="oncall",
    ),
    Endpoint(
        method="GET",
        path=f"{ON_CALL}/calendar",
        handler=show_calendar,
        summary="Read who is on call in a schedule day by day, gaps included",
        permission="config:read",
        query=CalendarParameters,
        answers=list[DutySpanView],
        refuses=(404,),
        tag="oncall",
    ),
    Endpoint(
        method="GET",
        path=f"{ON_CALL}/overrides",
        handler=show_overrides,
        summary="List the overrides of schedules that are not over",
        permission="config:read",
        answers=list[OverrideView],
        tag="oncall",
    ),
    Endpoint(
        method="POST",
        path=f"{ON_CALL}/overrides",
        handler=override,
        summary="Put a person on call for a time",
        permission="alerts:write",
        body=OverrideBody,
        answers=OverrideView,
        refuses=(404, 409),
        tag="oncall",
    ),
    Endpoint(
        method="DELETE",
        path=f"{ON_CALL}/overrides/{{id}}",
        handler=restore,
        summary="Delete an override of a schedule",
        permission="alerts:write",
        refuses=(404,),
        tag="oncall",
    ),
)
