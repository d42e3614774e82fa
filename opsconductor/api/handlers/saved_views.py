"""Views of the alert list that callers save for themselves, or share with all."""

from functools import partial
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import NO_NUL, SOME_TEXT, Parameters
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.store.access import saved_views as store
from opsconductor.store.access.keys import Principal
from opsconductor.store.access.permissions import Rows

VIEWS = "/api/v1/views"


class SavedViewBody(Parameters):
    """A view; it replaces the caller's view of the same name."""

    name: Annotated[str, Field(max_length=100), SOME_TEXT]
    query: Annotated[str, Field(max_length=4_000), NO_NUL] = Field(
        description="Query of the page's address: `severity=critical&site=Lyon`."
    )
    is_shared: bool = Field(default=False, strict=True, description="Shown to everyone.")


class SavedViewView(View):
    """A saved view."""

    id: UUID
    name: str
    query: str
    is_shared: bool
    is_own: bool = Field(description="It belongs to the caller.")
    owner: str


async def list_views(call: Call) -> web.Response:
    """Respond with the views of the caller, then with those that others share."""
    found = await call.parts.database.ask(store.list_views, _owner(call))
    return answer([SavedViewView.model_validate(each) for each in found])


async def save_view(call: Call) -> web.Response:
    """Save a view."""
    body: SavedViewBody = call.body
    owner = _owner(call)
    if owner.key_id is None and owner.user_id is None:
        raise refusal(web.HTTPConflict, "no_owner", "the local key owns no views; log in with an account")
    before = await _own_view(call, name=body.name.strip())
    save = partial(store.save_view, name=body.name.strip(), query=body.query, is_shared=body.is_shared)
    if await call.parts.database.ask(save, owner) is None:
        raise refusal(web.HTTPConflict, "too_many", f"you have {store.MOST_VIEWS} views; delete one first")
    after = await _own_view(call, name=body.name.strip())
    await call.record("view.save", body.name.strip(), {"before": before, "after": after})
    return await list_views(call)


async def delete_view(call: Call) -> web.Response:
    """Delete a view of the caller."""
    before = await _own_view(call, view_id=call.id)
    if not await call.parts.database.ask(store.delete_view, _owner(call), call.id):
        raise refusal(web.HTTPNotFound, "not_found", f"you have no view {call.id}")
    await call.record("view.delete", str((before or {}).get("name", "")), {"before": before, "after": None})
    return answer(None)


async def _own_view(
    call: Call, *, name: str | None = None, view_id: UUID | None = None
) -> dict[str, object] | None:
    """Return what the audit log keeps of a view of the caller, by name or id; None: there is none."""
    for each in await call.parts.database.ask(store.list_views, _owner(call)):
        if each.is_own and (each.id == view_id or each.name == name):
            return {"name": each.name, "query": each.query, "is_shared": each.is_shared}
    return None


def _owner(call: Call) -> Principal:
    assert call.principal is not None
    return call.principal


SAVED_VIEW_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=VIEWS,
        handler=list_views,
        summary="List your saved views of the alert list, and those that others share",
        permission="alerts:read",
        rows=Rows.NONE,
        answers=list[SavedViewView],
        tag="views",
    ),
    Endpoint(
        method="POST",
        path=VIEWS,
        handler=save_view,
        summary="Save a view of the alert list, in place of yours of the same name; answered with all",
        permission="alerts:read",
        rows=Rows.NONE,
        body=SavedViewBody,
        answers=list[SavedViewView],
        refuses=(409,),
        records="",
        tag="views",
    ),
    Endpoint(
        method="DELETE",
        path=f"{VIEWS}/{{id}}",
        handler=delete_view,
        summary="Delete one of your saved views",
        permission="alerts:read",
        rows=Rows.NONE,
        records="",
        tag="views",
    ),
)
