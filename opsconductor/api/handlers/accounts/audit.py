"""The audit log: who has changed what, when and from where."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Number, Parameters, Text, Time
from opsconductor.api.http.responses import answer
from opsconductor.api.views import View
from opsconductor.connector.settings.shape import Shape
from opsconductor.store.access.audit import AuditFilter, list_entries
from opsconductor.store.access.audit_chain import verify_audit_log

PER_ANSWER = 100
MOST_PER_ANSWER = 1_000
LAST = 2**63 - 1


HEAD = Shape(
    "^([0-9]{1,18}:[0-9a-f]{64})?$", "the `head` of an earlier answer: a number, a colon and 64 hex digits"
)


class AuditParameters(Parameters):
    """Which entries to list."""

    actor: Text | None = Field(default=None, description="Name of a user or a key, or `cli:USER`.")
    action: Text | None = Field(default=None, description="An action, or the part before its dot.")
    subject: Text | None = Field(default=None, description="What was changed.")
    since: Time | None = Field(default=None, alias="from", description="At this time or later.")
    until: Time | None = Field(default=None, alias="to", description="Before this time.")
    before: Annotated[Number, Field(ge=1, le=LAST)] | None = Field(
        default=None, description="Older than the entry of this number; for the next page."
    )
    limit: Annotated[Number, Field(ge=1, le=MOST_PER_ANSWER)] = PER_ANSWER


class AuditView(View):
    """An entry of the audit log."""

    seq: int = Field(description="Numbers have no gaps.")
    created_at: AwareDatetime
    actor: str
    remote_ip: str | None = Field(description="Null: this host.")
    action: str
    subject: str
    details: dict[str, Any] = Field(description="Changes have `before` and `after`; never secrets.")


async def list_audit_log(call: Call) -> web.Response:
    """Respond with entries of the audit log, the newest first."""
    query: AuditParameters = call.query
    wanted = AuditFilter(
        before=query.before,
        actor=query.actor,
        action=query.action,
        subject=query.subject,
        since=query.since,
        until=query.until,
    )
    rows = await call.parts.database.ask_long(list_entries, wanted, query.limit)
    return answer([AuditView.model_validate(row) for row in rows])


class VerifyParameters(Parameters):
    """What is known of the audit log."""

    head: Annotated[str, HEAD] = Field("", max_length=90, description="An earlier `head`.")


class AuditVerdictView(View):
    """Outcome of a verification of the audit log."""

    entries: int = Field(description="Entries that were read.")
    pruned: int = Field(description="Number of the last entry that retention has deleted; 0: none.")
    head: str = Field(description="Number and hash of the newest entry, to be noted elsewhere.")
    faults: list[str] = Field(description="What is missing or changed; empty: the log is intact.")


async def verify_audit(call: Call) -> web.Response:
    """Read the whole audit log and respond with what is missing or changed."""
    verdict = await call.parts.database.ask_long(verify_audit_log, call.query.head)
    return answer(AuditVerdictView.model_validate(verdict))


AUDIT_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/audit",
        handler=list_audit_log,
        summary="List the audit log, the newest entries first",
        permission="audit:read",
        query=AuditParameters,
        answers=list[AuditView],
        tag="accounts",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/audit/verify",
        handler=verify_audit,
        summary="Check that every entry of the audit log is there and unchanged",
        permission="audit:read",
        query=VerifyParameters,
        answers=AuditVerdictView,
        tag="accounts",
    ),
)
