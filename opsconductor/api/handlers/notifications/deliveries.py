"""Notifications: their outcomes (`log`), and those that wait to be delivered (`outbox`)."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Id, Name, Number, Parameters, Time
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View
from opsconductor.store.notifications.deliveries import LogFilter, list_log, list_outbox

NOTIFICATIONS = "/api/v1/notifications"
MOST_LISTED = 1_000
DEFAULT_AGE = timedelta(days=1)


class LogParameters(Parameters):
    """Filter of the log of notifications."""

    channel: Name = Field("", description="Default: any.")
    status: Literal["pending", "sent", "failed"] | None = Field(
        None, description="`pending`: tried, and to be tried again. Default: any."
    )
    alert_id: Id | None = None
    since: Time | None = Field(None, description="Decided on since then. Default: a day ago.")
    before: Time | None = Field(
        None, description="Decided on before then; the `created_at` of the last reads on."
    )
    limit: Number = Field(200, ge=1, le=MOST_LISTED, description="Maximum number, latest first.")


class OutboxParameters(Parameters):
    """Filter of what waits to be delivered."""

    channel: Name = Field("", description="Default: any.")
    limit: Number = Field(200, ge=1, le=MOST_LISTED, description="Maximum number, the next first.")


class LoggedView(View):
    """A notification with its outcome."""

    id: UUID
    alert_id: UUID | None
    channel: str
    recipient: str
    kind: str
    rule: str
    status: str
    attempts: int
    error: str
    created_at: AwareDatetime = Field(description="When it was decided on.")
    concluded_at: AwareDatetime | None = Field(description="When it was sent or given up; null: neither.")
    response_time_ms: int | None


class OutboxView(View):
    """A notification that waits to be delivered."""

    id: UUID
    alert_id: UUID | None = Field(description="Null: it is about a maintenance window.")
    channel: str
    recipient: str
    kind: str
    rule: str
    attempts: int
    error: str = Field(description="Why the last attempt failed; empty: there was none.")
    created_at: AwareDatetime
    next_attempt_at: AwareDatetime


async def read_log(call: Call) -> web.Response:
    """Respond with notifications and their outcome, latest first."""
    wanted: LogParameters = call.query
    chosen = LogFilter(
        since=wanted.since or datetime.now(UTC) - DEFAULT_AGE,
        before=wanted.before,
        channel=wanted.channel,
        status=wanted.status,
        alert_id=wanted.alert_id,
    )
    found = await call.parts.database.ask(list_log, chosen, wanted.limit)
    return answer([LoggedView.model_validate(each) for each in found])


async def read_outbox(call: Call) -> web.Response:
    """Respond with what waits to be delivered, the next first."""
    found = await call.parts.database.ask(list_outbox, call.query.channel, call.query.limit)
    return answer([OutboxView.model_validate(each) for each in found])


DELIVERY_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{NOTIFICATIONS}/log",
        handler=read_log,
        summary="List notifications with their outcome",
        permission="system:read",
        query=LogParameters,
        answers=list[LoggedView],
        tag="notifications",
    ),
    Endpoint(
        method="GET",
        path=f"{NOTIFICATIONS}/outbox",
        handler=read_outbox,
        summary="List notifications that wait to be delivered",
        permission="system:read",
        query=OutboxParameters,
        answers=list[OutboxView],
        tag="notifications",
    ),
)
