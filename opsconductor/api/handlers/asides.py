"""What was set aside because it could not be processed: list, remove, retry."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Name, Number, Parameters
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.connector.settings.shape import Shape
from opsconductor.model.aside import AsideKind
from opsconductor.model.masking import readable_content
from opsconductor.store.aside import AsideContent

SET_ASIDE = "/api/v1/set-aside"
MOST_LISTED = 1_000


ID_PART = Shape(
    "^([0-9a-f-]{4,36})?$", "at least four characters of an id, such as 0198c5a2: 0 to 9, a to f and -"
)


class AsideParameters(Parameters):
    """Filter of what was set aside."""

    kind: AsideKind | None = Field(None, description="Default: any.")
    origin: Name = Field("", description="Connector or channel. Default: any.")
    id: Annotated[str, ID_PART] = Field(
        "",
        description="Characters of the id that follow one another, at least four.",
    )
    limit: Number = Field(100, ge=1, le=MOST_LISTED, description="Maximum number, latest first.")


class AsideView(View):
    """Something that could not be processed."""

    id: UUID
    kind: AsideKind
    origin: str = Field(description="Connector or channel.")
    subject: str = Field(description="Address of the sender, or id of the alert or notification.")
    reason: str
    at: AwareDatetime
    size: int = Field(description="Total size in bytes.")


class AsideDetail(AsideView):
    """The same with its content."""

    content: str = Field(description="Its beginning as text, secrets masked.")
    is_whole: bool = Field(description="The content is complete.")


class AsideOutcome(View):
    """Outcome of a retry."""

    is_removed: bool = Field(description="It was processed and is no longer set aside.")
    reason: str = Field(description="Why it still cannot be processed. Empty: it was processed.")


async def list_asides(call: Call) -> web.Response:
    """Respond with what was set aside, latest first."""
    wanted = call.query
    kind = "" if wanted.kind is None else str(wanted.kind)
    rows = await call.parts.asides.list(kind=kind, origin=wanted.origin, part=wanted.id, most=wanted.limit)
    return answer([AsideView.model_validate(row) for row in rows])


async def show(call: Call) -> web.Response:
    """Respond with one row and its content."""
    row = await _find(call)
    known = {name: getattr(row, name) for name in AsideView.model_fields}
    return answer(AsideDetail(**known, content=readable_content(row.content), is_whole=row.is_whole))


async def forget(call: Call) -> web.Response:
    """Remove one; the audit log records who did it."""
    if not await call.parts.asides.forget(call.id, call.operator.name):
        raise _unknown(call)
    return answer(None)


async def retry(call: Call) -> web.Response:
    """Put one through the intake again."""
    outcome = await call.parts.asides.retry(await _find(call), call.operator.name)
    if outcome.refusal:
        raise refusal(web.HTTPConflict, "conflict", f"it cannot be retried: {outcome.refusal}")
    return answer(AsideOutcome(is_removed=not outcome.reason, reason=outcome.reason))


async def _find(call: Call) -> AsideContent:
    row = await call.parts.asides.find(call.id)
    if row is None:
        raise _unknown(call)
    return row


def _unknown(call: Call) -> web.HTTPException:
    return refusal(web.HTTPNotFound, "not_found", f"nothing with the id {call.id} was set aside")


ASIDE_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=SET_ASIDE,
        handler=list_asides,
        summary="List what could not be processed and was set aside",
        permission="system:read",
        query=AsideParameters,
        answers=list[AsideView],
        tag="set aside",
    ),
    Endpoint(
        method="GET",
        path=f"{SET_ASIDE}/{{id}}",
        handler=show,
        summary="Read one with its content, secrets masked",
        permission="system:read",
        answers=AsideDetail,
        tag="set aside",
    ),
    Endpoint(
        method="DELETE",
        path=f"{SET_ASIDE}/{{id}}",
        handler=forget,
        summary="Remove one; the audit log keeps who did",
        permission="system:write",
        tag="set aside",
    ),
    Endpoint(
        method="POST",
        path=f"{SET_ASIDE}/{{id}}/retry",
        handler=retry,
        summary="Process one again; it is removed if that succeeds",
        permission="system:write",
        answers=AsideOutcome,
        refuses=(409,),
        tag="set aside",
    ),
)
