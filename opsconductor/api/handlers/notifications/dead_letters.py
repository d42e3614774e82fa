"""Notifications that were given up: list them, and have them delivered again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Id, Name, Number, Parameters, Time
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View
from opsconductor.store.notifications.undelivered import list_dead_letters, resend

GIVEN_UP = "/api/v1/notifications/given-up"
MOST_LISTED = 1_000
DEFAULT_AGE = timedelta(days=7)


class DeadLetterParameters(Parameters):
    """Filter of what was given up."""

    channel: Name = Field("", description="Default: any.")
    since: Time | None = Field(None, description="Given up since then. Default: seven days ago.")
    limit: Number = Field(200, ge=1, le=MOST_LISTED, description="Maximum number, latest first.")


class DeadLetterView(View):
    """A notification that was given up."""

    id: UUID
    alert_id: UUID | None
    channel: str
    recipient: str
    kind: str
    rule: str
    attempts: int
    error: str
    created_at: AwareDatetime
    concluded_at: AwareDatetime = Field(description="When it was given up.")
    title: str
    device: str
    severity: str
    alert_status: str | None = Field(
        description="Present status of the alert; null: it was deleted, or it is about a window."
    )
    is_reached_since: bool = Field(description="The recipient has received something since.")


class ResendBody(Parameters):
    """What to deliver again."""

    ids: tuple[Id, ...] = Field(min_length=1, max_length=MOST_LISTED)


class ResentView(View):
    """What is being delivered again."""

    resent: list[UUID]
    refused: list[UUID] = Field(description="Not given up, or their alerts were deleted.")


async def list_given_up(call: Call) -> web.Response:
    """Respond with what was given up, latest first."""
    wanted = call.query
    since = wanted.since or datetime.now(UTC) - DEFAULT_AGE
    rows = await call.parts.database.ask(
        list_dead_letters, since=since, channel=wanted.channel, most=wanted.limit
    )
    return answer([DeadLetterView.model_validate(row) for row in rows])


async def send_again(call: Call) -> web.Response:
    """Put given-up notifications into the outbox again; the audit log records who did it."""
    ids = list(dict.fromkeys(call.body.ids))
    resent = await call.parts.database.ask(resend, ids, call.operator.name)
    return answer(ResentView(resent=list(resent), refused=[each for each in ids if each not in resent]))


DEAD_LETTER_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=GIVEN_UP,
        handler=list_given_up,
        summary="List notifications that were given up",
        permission="system:read",
        query=DeadLetterParameters,
        answers=list[DeadLetterView],
        tag="notifications",
    ),
    Endpoint(
        method="POST",
        path=f"{GIVEN_UP}/resend",
        handler=send_again,
        summary="Deliver given-up notifications again, under their ids; the log and the audit log record it",
        permission="system:write",
        body=ResendBody,
        body_bytes=128 * 1024,
        answers=ResentView,
        tag="notifications",
    ),
)
