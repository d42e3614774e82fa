"""The endpoints of the configuration."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from opsconductor.api.configuration.documents import (
    BODY_BYTES,
    DOCUMENT_BYTES,
    REFUSES,
    faults_answered,
    read_value,
)
from opsconductor.api.configuration.rows import ROOT, EditParameters, Resource, endpoints_of
from opsconductor.api.configuration.views import PlanView, plan_view
from opsconductor.api.handlers.accounts.authority import refuse_people_beyond
from opsconductor.api.http.alert_parameters import YesOrNo
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import JSON, answer, refusal
from opsconductor.api.http.validation import refused_for
from opsconductor.api.interfaces.declared import Changed
from opsconductor.config.provision.declared.tables import DeclaredDependency
from opsconductor.config.provision.edits import Edit, EditVerb
from opsconductor.config.provision.rows import ProvisionTable

MOST_AT_ONCE = 1_000

RESOURCES = (
    Resource(table=ProvisionTable.DEVICES, path="/devices", read_path="/config/devices", tag="devices"),
    Resource(
        table=ProvisionTable.DEPENDENCIES,
        path="/dependencies",
        read_path="/config/dependencies",
        tag="devices",
    ),
    Resource(table=ProvisionTable.OID_MAPPINGS, path="/oid-mappings/own", tag="mappings"),
    Resource(table=ProvisionTable.NOTIFICATION_RULES, path="/notifications/rules", tag="notifications"),
    Resource(table=ProvisionTable.ESCALATION_POLICIES, path="/notifications/policies", tag="notifications"),
    Resource(table=ProvisionTable.SCHEDULES, path="/notifications/schedules", tag="notifications"),
    Resource(table=ProvisionTable.ALERT_RULES, path="/alert-rules", tag="measurements"),
    Resource(table=ProvisionTable.MACHINE_CONFIGURATIONS, path="/machine-configurations", tag="measurements"),
    Resource(table=ProvisionTable.TEAMS, path="/teams", tag="notifications"),
    Resource(table=ProvisionTable.PEOPLE, path="/people", write="users:write", tag="notifications"),
)
"""Tables whose endpoints are all alike. People are users, who may be able to log in."""


class ApplyParameters(Parameters):
    """How to apply a document."""

    dry_run: YesOrNo = Field(None, description="Change nothing; answer what would change.")
    prune: YesOrNo = Field(
        None, description="Delete rows that came from files or documents and are not in this one."
    )
    take_back: YesOrNo = Field(
        None, description="Change rows that were taken over from files, too; they are no longer taken over."
    )


class DependencyBulk(Parameters):
    """Dependencies to create or replace, and ids of those to delete: all or none."""

    put: Annotated[list[DeclaredDependency], Field(max_length=MOST_AT_ONCE)] = Field(default_factory=list)
    delete: Annotated[list[str], Field(max_length=MOST_AT_ONCE)] = Field(default_factory=list)


async def apply_document(call: Call) -> web.Response:
    """Apply a provisioning document, as `opsconductor apply` does."""
    query: ApplyParameters = call.query
    document = await read_value(call, DOCUMENT_BYTES)
    if not isinstance(document, dict):
        fault = {"name": "body", "found": type(document).__name__, "expected": "a provisioning document"}
        raise refused_for([fault])
    apply = partial(
        call.parts.declared.apply,
        document,
        call.author,
        prune=bool(query.prune),
        take_back=bool(query.take_back),
    )
    with faults_answered(is_single=False):
        if document.get("people") or query.prune:
            await _refuse_people(call, partial(apply, is_trial=True))
        changed = await apply(is_trial=bool(query.dry_run))
    return answer(plan_view(changed))


async def _refuse_people(call: Call, rehearse: Callable[[], Awaitable[Changed]]) -> None:
    """Check that the caller may change the people that a document changes.

    Raises:
        web.HTTPForbidden: It may not change users, or some of these have permissions that it lacks.
    """
    assert call.principal is not None
    if "users:write" not in call.principal.permissions:
        message = "people are users: this needs the permission users:write"
        raise refusal(web.HTTPForbidden, "forbidden", message)
    changes = (await rehearse()).plan.changes
    people = [change for change in changes if change.table is ProvisionTable.PEOPLE]
    await refuse_people_beyond(call, [str(change.key[0]) for change in people])


async def change_dependencies(call: Call) -> web.Response:
    """Create, replace and delete many dependencies at once."""
    query: EditParameters = call.query
    body = await read_value(call, BODY_BYTES)
    put, delete = _lists(body)
    edits = [
        *(Edit(verb=EditVerb.PUT, value=value, is_taking_over=bool(query.take_over)) for value in put),
        *(Edit(verb=EditVerb.DELETE, name=name, is_taking_over=bool(query.take_over)) for name in delete),
    ]
    with faults_answered(is_single=False):
        changed = await call.parts.declared.edit(
            ProvisionTable.DEPENDENCIES, edits, call.author, is_trial=bool(query.dry_run)
        )
    return answer(plan_view(changed))


def _lists(body: object) -> tuple[list[Any], list[str]]:
    """Return what is to be put and deleted.

    Raises:
        web.HTTPUnprocessableEntity: The body has another shape.
    """
    known = {"put", "delete"}
    if not isinstance(body, dict) or body.keys() - known:
        found = type(body).__name__ if not isinstance(body, dict) else ", ".join(sorted(body.keys() - known))
        raise refused_for([{"name": "body", "found": found, "expected": "an object with put and delete"}])
    for name, each in body.items():
        if not isinstance(each, list) or len(each) > MOST_AT_ONCE:
            expected = f"a list of up to {MOST_AT_ONCE}"
            raise refused_for([{"name": name, "found": type(each).__name__, "expected": expected}])
    delete = body.get("delete", [])
    if not all(isinstance(each, str) for each in delete):
        raise refused_for([{"name": "delete", "found": "another value", "expected": "ids"}])
    return body.get("put", []), delete


CONFIGURATION_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path=f"{ROOT}/config/apply",
        handler=apply_document,
        summary="Apply a provisioning document, in one transaction, and put it into force",
        permission="config:write",
        query=ApplyParameters,
        accepts={JSON: dict[ProvisionTable, list[dict[str, Any]]]},
        answers=PlanView,
        records="",
        refuses=REFUSES,
        body_bytes=DOCUMENT_BYTES,
        tag="configuration",
    ),
    Endpoint(
        method="POST",
        path=f"{ROOT}/dependencies/bulk",
        handler=change_dependencies,
        summary="Create, replace and delete many dependencies, all or none",
        permission="config:write",
        query=EditParameters,
        accepts={JSON: DependencyBulk},
        answers=PlanView,
        records="",
        refuses=(404, *REFUSES),
        body_bytes=BODY_BYTES,
        tag="devices",
    ),
    *(endpoint for resource in RESOURCES for endpoint in endpoints_of(resource)),
)
