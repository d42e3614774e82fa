"""Previews of messages: what a channel would send."""

from uuid import UUID

from aiohttp import web
from pydantic import ConfigDict, Field

from opsconductor.api.handlers.alerts import find_alert
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.engine.notifications import facts_of
from opsconductor.model.enums import NotificationKind


class PreviewParameters(Parameters):
    """Which message to show."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: NotificationKind = Field(NotificationKind.PROBLEM, description="Kind of the message.")
    alert: UUID | None = Field(None, description="About this alert, as it is now; by default about a sample.")


class PreviewView(View):
    """What would be sent."""

    channel: str
    kind: NotificationKind
    parts: dict[str, str] = Field(description="Texts: `subject`, `text`, `html`, or the `body` of a webhook.")
    error: str = Field(description="Why the template fails; the parts are the default texts then.")


async def preview_message(call: Call) -> web.Response:
    """Respond with what a running channel would send; nothing is sent."""
    name, wanted = call.request.match_info["name"], call.query
    facts = None
    if wanted.alert is not None:
        facts = facts_of((await find_alert(call, alert_id=wanted.alert)).alert, wanted.kind)
    found = call.parts.connectors.preview(name, wanted.kind, facts)
    if found is None:
        raise refusal(
            web.HTTPNotFound,
            "not_found",
            f"there is no running channel {name!r}; GET /api/v1/connectors lists the connectors",
        )
    return answer(PreviewView(channel=name, kind=wanted.kind, parts=dict(found.parts), error=found.error))


PREVIEW_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/connectors/{name}/preview",
        handler=preview_message,
        summary="Show what a running channel would send of a kind, about an alert or a sample",
        permission="config:read",
        query=PreviewParameters,
        answers=PreviewView,
        tag="connectors",
    ),
)
