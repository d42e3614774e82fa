"""One endpoint: its declaration, and the handling of its requests."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from opsconductor.api.auth.authenticator import Authenticator
from opsconductor.api.auth.rows import AlertRows, RowResolver
from opsconductor.api.dependencies import Dependencies
from opsconductor.api.http.parameters import NoParameters
from opsconductor.api.http.responses import JSON
from opsconductor.api.http.validation import read_body, read_id, read_query
from opsconductor.connector.rejection_words import words_of
from opsconductor.errors import StoreError
from opsconductor.model.command import Operator
from opsconductor.store.access.audit import ASSISTANT_AGENT, AuditEntry, Author, record
from opsconductor.store.access.keys import Principal
from opsconductor.store.access.permissions import SIGNED_IN, Permission, Rows, SignedIn

log = logging.getLogger(__name__)

WRONG_KEY = "wrong_key"
"""Rejection reason for callers without a valid key."""
RECORDED = frozenset({"alerts:write", "config:write", "system:write"})
"""Permissions whose requests are recorded with the address of the caller, beside the entry of the change."""
REQUEST = "api.request"
ASSISTED = "mcp.request"
"""Action of every request of `opsconductor mcp`, beside the entry of a change."""
LONGEST_SUBJECT = 255
BODY_BYTES = 128 * 1024
"""Maximum size of a note of 10,000 characters, all of them escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An authenticated and validated request.

    Attributes:
        principal: The caller; None only at endpoints without permission.
        alert_id: The id in the path, at endpoints that have one.
        query: An instance of the endpoint's `query`.
        body: An instance of the endpoint's `body`, None without one.
        rows: The alerts that the caller may see; all data of alerts goes through it.
        rows_now: Returns them by the present inventory, for long-running responses.
    """

    request: web.Request
    parts: Dependencies
    gate: Authenticator
    principal: Principal | None
    alert_id: UUID | None
    query: Any
    body: Any
    rows: AlertRows
    rows_now: Callable[[], Awaitable[AlertRows]]

    async def record(self, action: str, subject: str, details: Mapping[str, object]) -> None:
        """Write what the caller has done into the audit log.

        The change is made already: if the database is away, the daemon's log has it alone.
        """
        entry = AuditEntry(action=action, subject=subject, details=details)
        try:
            await self.parts.database.ask(record, entry, self.author)
        except StoreError as error:
            about = {"action": action, "subject": subject, "actor": self.author.name, "error": str(error)}
            log.warning("the audit log cannot be written", extra=about)

    @property
    def operator(self) -> Operator:
        """The caller's name as recorded in history."""
        assert self.principal is not None
        return Operator(name=self.principal.name, id=self.principal.user_id)

    @property
    def author(self) -> Author:
        """The caller's name and address as recorded in the audit log."""
        assert self.principal is not None
        return Author(name=self.principal.name, address=self.request.remote)

    @property
    def id(self) -> UUID:
        """The id in the path."""
        assert self.alert_id is not None
        return self.alert_id


Handle = Callable[[Call], Awaitable[web.StreamResponse]]
"""Answers a call of an endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Declaration of an endpoint: enforced by `serve`, described by `openapi`.

    Attributes:
        permission: Permission that the caller needs; `SIGNED_IN`: any; None: open to all.
        knows_callers: The handler authenticates callers itself, by other credentials than ours.
        accepts: Types of the bodies that the handler reads by itself, by media type.
        body_bytes: Maximum size of a body; the setting may be lower.
        answers: Type of `data`; None: there is none.
        media: Media type of a successful answer.
        succeeds: Status of a successful answer.
        other_media: Those that a parameter chooses.
        source_system: Connector under whose name callers without a valid key are recorded; empty: none.
        records: Action that the audit log gets for a call that succeeds; empty: the handler writes it.
            None: `api.request` if the permission is one of `RECORDED` and the method is not GET.
        rows: What it shows or changes of alerts and devices. A handler with `OWN` uses `Call.rows`.
        refuses: Statuses in addition to those that follow from the rest of the declaration.
    """

    method: str
    path: str
    handler: Handle
    summary: str
    permission: Permission | SignedIn | None
    knows_callers: bool = False
    answers: Any = None
    media: str = JSON
    succeeds: HTTPStatus = HTTPStatus.OK
    other_media: tuple[str, ...] = ()
    query: type[BaseModel] = NoParameters
    body: type[BaseModel] | None = None
    accepts: Mapping[str, Any] = field(default_factory=dict)
    body_bytes: int = BODY_BYTES
    source_system: str = ""
    records: str | None = None
    rows: Rows = Rows.ALL
    refuses: tuple[int, ...] = ()
    tag: str = "alerts"


def serve(endpoint: Endpoint, parts: Dependencies, gate: Authenticator, resolver: RowResolver) -> Handler:
    """Return the aiohttp handler of an endpoint; all endpoints share a resolver, which remembers devices."""
    permission = endpoint.permission
    at_most = min(endpoint.body_bytes, parts.body_bytes)
    method, action = endpoint.method, endpoint.records
    if action is None:
        action = REQUEST if endpoint.permission in RECORDED and method != "GET" else ""

    async def rows_of(principal: Principal | None) -> AlertRows:
        if principal is None or permission is None or permission == SIGNED_IN:
            return AlertRows()
        return await resolver.rows(principal.scope(permission), parts.engine().inventory)

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            principal = (
                None if endpoint.knows_callers else await gate.admit(request, permission, endpoint.rows)
            )
        except (web.HTTPUnauthorized, web.HTTPTooManyRequests):
            _note_refusal(request, endpoint, parts)
            raise
        call = Call(
            request=request,
            parts=parts,
            gate=gate,
            principal=principal,
            alert_id=read_id(request),
            query=read_query(request, endpoint.query),
            body=None
            if endpoint.body is None
            else await read_body(request, endpoint.body, at_most=at_most, within_s=parts.limits.read_s),
            rows=await rows_of(principal),
            rows_now=partial(rows_of, principal),
        )
        response = await endpoint.handler(call)
        if action:
            subject = request.match_info.get("name", "") if endpoint.records else f"{method} {request.path}"
            await call.record(action, subject[:LONGEST_SUBJECT], {})
        if principal is not None and request.headers.get("User-Agent") == ASSISTANT_AGENT:
            asked = f"{method} {request.path}"[:LONGEST_SUBJECT]
            await call.record(ASSISTED, asked, {"query": request.query_string[:LONGEST_SUBJECT]})
        return response

    return handle


def _note_refusal(request: web.Request, endpoint: Endpoint, parts: Dependencies) -> None:
    """Count and record a caller without a valid key, if the endpoint is a source of events."""
    if not endpoint.source_system:
        return
    count, words = parts.connectors.count(endpoint.source_system), words_of(WRONG_KEY)
    count("received")
    count("refused", WRONG_KEY)
    parts.connectors.rejected(endpoint.source_system)(
        request.remote or "", WRONG_KEY, explanation=words.explanation, remedy=words.remedy
    )
