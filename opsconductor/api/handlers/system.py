"""The daemon itself: health, metrics, the description of this API."""

from http import HTTPStatus

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from opsconductor import metrics
from opsconductor.api.http.clients import clients
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer


async def health(call: Call) -> web.Response:
    """Answer the status to everyone, the details to those who have a key."""
    state = call.parts.health()
    shown = state if call.principal is not None else {"status": state["status"]}
    is_failing = state["status"] == "failing"
    return answer(shown, status=HTTPStatus.SERVICE_UNAVAILABLE if is_failing else HTTPStatus.OK)


async def examine(call: Call) -> web.Response:
    """Examine the daemon; what is wrong is in the answer, which itself is always good."""
    return answer(await call.parts.doctor())


async def reload(call: Call) -> web.Response:
    """Apply the provisioning files and take on what the database says; faults are in the answer."""
    return answer(await call.parts.reload())


async def show_metrics(call: Call) -> web.Response:
    """Answer the counters in Prometheus' text form.

    They name connectors and channels, so they need a key with `read`, or an address in
    `api.metrics_networks`.

    Raises:
        web.HTTPUnauthorized: Neither.
        web.HTTPForbidden: The key may not read.
    """
    if not call.request.app[clients].may_read_metrics(call.request):
        await call.gate.admit(call.request, "read")
    return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
