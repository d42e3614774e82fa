"""What belongs to an alert: its cause, its consequences, and earlier ones like it."""

from contextlib import suppress

from aiohttp import web
from pydantic import Field

from opsconductor.api.handlers.alerts import causes_of, consequences_of, find_alert, views_of
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.views import AlertView, View
from opsconductor.errors import StoreUnavailable
from opsconductor.model.alert import Alert
from opsconductor.store.alerts import listing as alert_list

MOST_EARLIER = 20


class RelatedView(View):
    """Alerts that belong to one."""

    cause: AlertView | None = Field(description="The nearest cause; null: there is none.")
    root: AlertView | None = Field(description="The end of the chain of causes; often `cause` itself.")
    consequences: list[AlertView] = Field(description="Suppressed because of it; the 50 most severe.")
    impacted: int = Field(description="Number of all consequences.")
    earlier: list[AlertView] = Field(
        description="Closed alerts about the same fault of the same device, the latest 20, newest first; "
        "empty while the database is away."
    )


async def related(call: Call) -> web.Response:
    """Respond with what belongs to an alert."""
    found = await find_alert(call)
    cause, root = await causes_of(call, found)
    earlier: list[Alert] = []
    with suppress(StoreUnavailable):
        earlier = await call.parts.database.ask(
            alert_list.list_alike, found.alert.fingerprint, call.id, MOST_EARLIER
        )
    view = RelatedView(
        cause=cause,
        root=root,
        consequences=await consequences_of(call),
        impacted=found.alert.impacted,
        earlier=await views_of(call, earlier),
    )
    return answer(view, meta=found.origin)
