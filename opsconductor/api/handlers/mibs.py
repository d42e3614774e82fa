"""MIB modules: list, show, upload, remove."""

from typing import Annotated

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import ONE_LINE
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import read_bytes
from opsconductor.api.views import View
from opsconductor.errors import CompileError
from opsconductor.mib.compiler.report import document_of

MIBS = "/api/v1/mibs"
UPLOAD_BYTES = 64 * 1024 * 1024
"""The setting `limits.api_body_bytes` is lower by default."""

BINARY = "application/octet-stream"


class UploadParameters(BaseModel):
    """Parameters of an upload."""

    model_config = ConfigDict(extra="forbid")

    filename: Annotated[str, Field(max_length=255), ONE_LINE] = Field(
        default="upload", description="Name under which the report and the list show it."
    )


class MissingNamesView(View):
    """Names that a module needs and that nothing defines."""

    source: str = Field(description="Module from which they are imported; empty when from none.")
    names: tuple[str, ...]


class MibView(View):
    """An imported MIB module."""

    name: str
    source: str = Field(description="File that it was read from.")
    updated: str = Field(description="LAST-UPDATED as `YYYYMMDDhhmm`; empty when it has none.")
    is_whole: bool
    skipped: tuple[str, ...] = Field(description="Definitions that could not be read.")
    faults: tuple[str, ...]
    missing: tuple[MissingNamesView, ...]
    imported_at: AwareDatetime
    notifications: int
    objects: int = Field(description="Number of objects that notifications use.")


class ReferenceView(View):
    """A variable of a notification."""

    name: str
    oid: str = Field(description="Empty when the module that defines it is missing.")


class MibNotificationView(View):
    """A notification of a MIB module."""

    oid: str
    name: str
    vendor: str
    objects: tuple[ReferenceView, ...]


class IndexView(View):
    """One part of the index of a row."""

    name: str
    syntax: str
    convention: str
    is_implied: bool
    size: int | None


class MibObjectView(View):
    """An object that a notification or an index uses."""

    oid: str
    name: str
    syntax: str = Field(description="Base type; empty for a node, or when the type is not known.")
    convention: str
    enumeration: tuple[tuple[int, str], ...]
    units: str
    display_hint: str
    index: tuple[IndexView, ...]


class MibDetail(View):
    """An imported MIB module with its facts."""

    module: MibView
    notifications: tuple[MibNotificationView, ...]
    objects: tuple[MibObjectView, ...]


class IncompleteView(View):
    """A module that was read in part."""

    module: str
    source: str
    missing: tuple[MissingNamesView, ...]
    skipped: tuple[str, ...]
    faults: tuple[str, ...]


class FailedView(View):
    """A file that was refused as a whole."""

    source: str
    reason: str


class OtherVersionView(View):
    """A version of a module that was left out."""

    name: str
    source: str
    updated: str
    kept: str
    kept_updated: str


class ImportView(View):
    """Report of an import."""

    modules: int
    whole: int
    notifications: int
    objects: int
    changed: int = Field(description="Modules that were stored, with those that they complete.")
    incomplete: tuple[IncompleteView, ...]
    failed: tuple[FailedView, ...]
    other_versions: tuple[OtherVersionView, ...]
    ignored: tuple[str, ...] = Field(description="Files that are no MIB modules.")


async def list_mibs(call: Call) -> web.Response:
    """Answer all imported modules."""
    return answer([MibView.model_validate(each) for each in await call.parts.mibs.list()])


async def show(call: Call) -> web.Response:
    """Answer one module with its facts.

    Raises:
        web.HTTPNotFound: There is none of that name.
    """
    found = await call.parts.mibs.find(_name(call))
    if found is None:
        raise _unknown(call)
    module, objects, notifications = found
    return answer(
        MibDetail(
            module=MibView.model_validate(module),
            objects=tuple(map(MibObjectView.model_validate, objects)),
            notifications=tuple(map(MibNotificationView.model_validate, notifications)),
        )
    )


async def upload(call: Call) -> web.Response:
    """Import a file or an archive; answers when that is done.

    Raises:
        web.HTTPUnprocessableEntity: It cannot be unpacked, or nothing in it is a MIB module.
        web.HTTPRequestEntityTooLarge: It is longer than the limit.
    """
    at_most = min(UPLOAD_BYTES, call.parts.body_bytes)
    content = await read_bytes(call.request, at_most=at_most, within_s=call.parts.limits.read_s)
    if not content:
        raise refusal(
            web.HTTPUnprocessableEntity, "unreadable", "the body is empty: send a file or an archive"
        )
    try:
        outcome = await call.parts.mibs.import_file(call.query.filename, content, call.operator.name)
    except CompileError as error:
        raise refusal(web.HTTPUnprocessableEntity, "unreadable", str(error)) from error
    return answer(ImportView.model_validate(document_of(outcome)))


async def remove(call: Call) -> web.Response:
    """Remove a module and its facts.

    Raises:
        web.HTTPNotFound: There is none of that name.
    """
    try:
        await call.parts.mibs.remove(_name(call), call.operator.name)
    except CompileError as error:
        raise _unknown(call) from error
    return answer(None)


def _name(call: Call) -> str:
    return call.request.match_info["name"]


def _unknown(call: Call) -> web.HTTPException:
    return refusal(web.HTTPNotFound, "not_found", f"no imported MIB module is called {_name(call)}")


MIB_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=MIBS,
        handler=list_mibs,
        summary="List imported MIB modules",
        permission="config:read",
        answers=list[MibView],
        tag="mibs",
    ),
    Endpoint(
        method="POST",
        path=MIBS,
        handler=upload,
        summary="Import MIB modules from a file or a zip or tar archive; answered once that is done",
        permission="system:write",
        query=UploadParameters,
        accepts={BINARY: Annotated[bytes, Field(min_length=1)]},
        body_bytes=UPLOAD_BYTES,
        answers=ImportView,
        tag="mibs",
    ),
    Endpoint(
        method="GET",
        path=f"{MIBS}/{{name}}",
        handler=show,
        summary="Read one MIB module with its notifications and objects",
        permission="config:read",
        answers=MibDetail,
        tag="mibs",
    ),
    Endpoint(
        method="DELETE",
        path=f"{MIBS}/{{name}}",
        handler=remove,
        summary="Remove an imported MIB module and its facts",
        permission="system:write",
        tag="mibs",
    ),
)
