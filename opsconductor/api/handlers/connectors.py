"""Connectors: status and checks."""

from aiohttp import web

from opsconductor.api.dependencies import ConnectorState
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import CheckView, ConnectorView, RejectionView
from opsconductor.connector.rejection import Rejection

MADE_HERE = frozenset({"webhook", "rejected", "traits"})


async def list_connectors(call: Call) -> web.Response:
    """Respond with the status of every connector, by name."""
    return answer([_view(state) for state in await call.parts.connectors.states()])


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
    return answer(CheckView(ok=check.ok, message=check.message, details=dict(check.details)))


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
    return answer(CheckView(ok=sent.ok, message=sent.message, details=dict(sent.details)))


def _view(state: ConnectorState) -> ConnectorView:
    known = {name: getattr(state, name) for name in ConnectorView.model_fields if name not in MADE_HERE}
    path = f"/api/v1/connectors/{state.name}/webhook" if state.takes_posts else None
    return ConnectorView(
        **known,
        webhook=path,
        rejected=[_rejection(each) for each in state.rejected],
        traits=None if state.traits is None else state.traits.as_json(),
    )


def _rejection(rejection: Rejection) -> RejectionView:
    return RejectionView(**{name: getattr(rejection, name) for name in RejectionView.model_fields})
