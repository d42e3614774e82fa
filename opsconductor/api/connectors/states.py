"""Connectors: status and checks."""

from typing import Any

from aiohttp import web

from opsconductor.api.configuration.documents import BODY_BYTES, faults_answered, read_value
from opsconductor.api.configuration.rows import answer_edit, name_in_path
from opsconductor.api.configuration.views import row_view
from opsconductor.api.connectors.views import CheckView, ConnectorView, RejectionView
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.interfaces.connectors import ConnectorState
from opsconductor.api.interfaces.declared import DeclaredRow
from opsconductor.config.provision.edits import EditVerb
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.rejection import Rejection
from opsconductor.errors import StoreUnavailable

MADE_HERE = frozenset({"webhook", "rejected", "traits", "declared"})
MOST_ROWS = 10_000


async def list_connectors(call: Call) -> web.Response:
    """Respond with the status of every connector, by name."""
    states = await call.parts.connectors.states()
    try:
        rows, _ = await call.parts.declared.list(ProvisionTable.CONNECTORS, "", limit=MOST_ROWS, offset=0)
    except StoreUnavailable:
        rows = ()
    by_name = {row.row["name"]: row for row in rows}
    return answer([_view(state, by_name.get(state.name)) for state in states])


async def read_connector(call: Call) -> web.Response:
    """Respond with the status of one connector, given by name or id, and its row."""
    try:
        with faults_answered(is_single=True):
            row = await call.parts.declared.find(ProvisionTable.CONNECTORS, name_in_path(call))
    except StoreUnavailable:
        return await _remembered(call)
    states = await call.parts.connectors.states()
    state = next((state for state in states if state.name == row.row["name"]), None)
    if state is None:
        raise refusal(web.HTTPNotFound, "not_found", f"the {row.label} has just been deleted")
    response = answer(_view(state, row))
    response.headers["ETag"] = row.tag
    return response


async def _remembered(call: Call) -> web.Response:
    """Respond with what the daemon knows of a connector while the database is away: the name alone finds it.

    Raises:
        StoreUnavailable: None of this name runs; the database may know more.
    """
    name = name_in_path(call)
    state = next((state for state in await call.parts.connectors.states() if state.name == name), None)
    if state is None:
        raise StoreUnavailable(f"the database is away, and no connector {name!r} runs")
    return answer(_view(state, None))


async def enable_connector(call: Call) -> web.Response:
    """Switch a connector on."""
    return await _switch(call, enabled=True)


async def disable_connector(call: Call) -> web.Response:
    """Switch a connector off."""
    return await _switch(call, enabled=False)


async def _switch(call: Call, *, enabled: bool) -> web.Response:
    value = {"enabled": enabled}
    table, name = ProvisionTable.CONNECTORS, name_in_path(call)
    return await answer_edit(call, table, EditVerb.MERGE, name=name, value=value)


async def check_declared_connector(call: Call) -> web.Response:
    """Respond with the result of the check of a connector that is not saved; the HTTP status is 200."""
    value = await read_value(call, BODY_BYTES)
    with faults_answered(is_single=True):
        row = await call.parts.declared.checked_connector(value)
    return _checked(await call.parts.connectors.check_declared(row))


async def check_connector(call: Call) -> web.Response:
    """Respond with the result of a connector's check, running or not; the HTTP status is 200."""
    name = call.request.match_info["name"]
    check = await call.parts.connectors.check(name)
    if check is None:
        raise refusal(
            web.HTTPNotFound,
            "not_found",
            f"there is no connector {name!r}; GET /api/v1/connectors lists them",
        )
    return _checked(check)


async def test_channel(call: Call) -> web.Response:
    """Send a test message through a channel; the HTTP status is 200 whatever its receiver says."""
    name = call.request.match_info["name"]
    sent = await call.parts.connectors.send_test(name, call.body.recipient, call.operator.name)
    if sent is None:
        raise refusal(
            web.HTTPNotFound,
            "not_found",
            f"there is no running channel {name!r}; GET /api/v1/connectors lists the connectors",
        )
    return _checked(sent)


def _checked(found: CheckResult) -> web.Response:
    return answer(CheckView(ok=found.ok, message=found.message, details=dict(found.details)))


def _view(state: ConnectorState, row: DeclaredRow | None) -> dict[str, Any]:
    """Return a connector in the form of `ConnectorView`; its row is as it is declared, secrets masked."""
    known = {name: getattr(state, name) for name in ConnectorView.model_fields if name not in MADE_HERE}
    path = f"/api/v1/connectors/{state.name}/webhook" if state.takes_posts else None
    view = ConnectorView(
        **known,
        webhook=path,
        rejected=[_rejection(each) for each in state.rejected],
        traits=None if state.traits is None else state.traits.as_json(),
        declared=None,
    )
    return {**view.model_dump(mode="json"), "declared": row and row_view(row)}


def _rejection(rejection: Rejection) -> RejectionView:
    return RejectionView(**{name: getattr(rejection, name) for name in RejectionView.model_fields})
